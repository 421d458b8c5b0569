// A service as it is modelled, and the jobs that are sent to it. It is a value: each run works on
// its own copy.
//
// What happens to an attempt that starts, in this order: an outage refuses it or lets it hang; the
// limits refuse it; else it is admitted, and the pace says how long it takes. A broken job's
// attempt then fails, and a share of the others, at random. Whatever has not ended at the client's
// time-out ends then.
#pragma once

#include <optional>
#include <variant>

#include "lib/control/simulation/knee.h"
#include "lib/control/simulation/limits.h"
#include "lib/control/simulation/outages.h"
#include "lib/control/simulation/queue.h"

namespace gentlify::sim {

/// How the service refuses, as the client sees it.
enum class Signal {
  failure,      ///< the attempt fails like any other
  overload,     ///< it is said
  retry_after,  ///< it is said, with the time when there will be room, where the limit can tell
};

/// Each attempt takes its own time, however many there are.
struct Unshared {};

struct Model {
  /// Of an attempt that is alone: each job has its own mean, lognormal with this mean and this
  /// coefficient of variation, and its attempts vary by `jitter` around that.
  Duration duration = std::chrono::milliseconds(500);
  double variation = 0.3;
  double jitter = 0.1;

  /// The share of jobs whose every attempt fails, after this part of its duration.
  double broken = 0;
  double broken_after = 0.4;
  /// The share of the other jobs' attempts that fail, at any time within their duration.
  double noise = 0;

  std::vector<Limit> limits;
  std::optional<PenaltyBox> ban;
  Outages outages;
  std::variant<Unshared, Queue, Knee> pace;

  /// Refusals, also those of an outage that does not hang, take this long: lognormal.
  Duration refusal = std::chrono::milliseconds(100);
  double refusal_variation = 0.3;
  Signal signal = Signal::failure;

  /// The client's; needed where an outage hangs.
  std::optional<Duration> timeout;

  /// When the service changes or comes back: recovery is measured from here.
  std::optional<TimePoint> mark;
};

}  // namespace gentlify::sim
