// Runs the real scheduler against a modelled service in virtual time: hours in milliseconds, and
// the same every time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "lib/control/scheduler.h"
#include "lib/control/simulation/model.h"

namespace gentlify::sim {

struct Plan {
  std::uint64_t jobs = 1000;
  std::uint64_t seed = 1;
  /// What each attempt is expected to cost, and does.
  Cost cost = 1;
  /// Attempts that the client may have in flight.
  int most = 64;
  /// The run is broken off here.
  Duration horizon = std::chrono::hours(24 * 365);
};

/// The knobs at one moment, after all that could start has started.
struct Sample {
  TimePoint at;
  int limit;
  Duration interval;  ///< between starts, as the law last said; 0: none
  int in_flight;
};

struct Result {
  enum class End {
    settled,  ///< every job succeeded or was given up
    horizon,  ///< broken off
    stalled,  ///< jobs were left, nothing ran, and nothing was due: a bug
  };
  End end = End::settled;
  Duration makespan{};

  std::uint64_t jobs = 0;
  std::uint64_t good = 0;  ///< jobs that are not broken
  std::uint64_t done = 0;
  std::uint64_t lost() const { return good - done; }

  std::uint64_t attempts = 0;
  // Attempts by how they ended.
  std::uint64_t refused = 0, outage_failures = 0, timeouts = 0, noise = 0, broken = 0;
  /// Attempts that a better client would not have made, for each job done.
  double wasted_per_job() const {
    const auto wasted = static_cast<double>(refused + outage_failures + timeouts);
    return wasted / static_cast<double>(std::max<std::uint64_t>(done, 1));
  }

  int peak = 0;                      ///< most in flight
  bool over_limit = false;           ///< more than the limit were in flight after a start: a bug
  std::optional<double> overshoot;   ///< see measures.h
  std::optional<Duration> recovery;  ///< see measures.h
  bool recovered = false;            ///< else `recovery` is only how long it took at least
  std::array<Duration, gate_count> waited{};  ///< behind each gate
};

/// `trace` is called after each moment at which something happened; `listener` hears all events.
Result run(const Model& model, const Plan& plan, Controller controller, Retry retry,
           const std::function<void(const Sample&)>& trace = {}, EventSink* listener = nullptr);

}  // namespace gentlify::sim
