// The seam behind which the adaptive laws stand: how many at once, how far apart.
#pragma once

#include <optional>

#include "lib/control/attempt.h"
#include "lib/core/event.h"
#include "lib/core/gate.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

/// The bounds that the user sets and no law leaves.
struct Bounds {
  /// Attempts in flight: 1 <= min <= initial <= max.
  int min_concurrency = 1;
  int initial_concurrency = 1;
  int max_concurrency = 1;
  /// Time between starts: 0 <= min <= max.
  Duration min_interval{};
  Duration max_interval{};
};

/// A move of the law's knobs: see event::Adjusted.
struct Adjustment {
  event::Adjusted::Kind kind;
  int limit_before, limit;
  Duration interval_before, interval;
};

class Law {
 public:
  virtual ~Law() = default;

  /// When the next attempt may start with `in_flight` running: `never` means after one has ended.
  virtual Admission next_start(TimePoint now, int in_flight) = 0;

  virtual void on_start(const Attempt& attempt) = 0;

  /// An attempt ended. It is not told of `permanent` and `stopped`: they are no evidence.
  virtual std::optional<Adjustment> on_end(const Attempt& attempt, Verdict verdict,
                                           TimePoint now) = 0;

  /// Attempts that may be in flight now, at least 1.
  virtual int limit() const = 0;
};

}  // namespace gentlify
