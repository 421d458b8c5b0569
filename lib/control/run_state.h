// How a run stands at one moment: for the status line, for programs that follow it, and for those
// who ask it from outside.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/control/progress.h"
#include "lib/control/scheduler.h"
#include "lib/core/gate.h"
#include "lib/core/time.h"

namespace gentlify {

struct RunState {
  /// How far its end has come; it never goes back.
  enum class Phase {
    running,
    draining,  ///< nothing starts any more
    stopping,  ///< the jobs that run are being ended
    killing,
    ended,
  };

  std::uint64_t succeeded = 0, failed = 0;
  std::uint64_t retrying = 0;      ///< jobs that wait for their retry
  std::uint64_t falling_back = 0;  ///< jobs that wait for their fallback, or are in it
  std::optional<std::uint64_t> total;
  int running = 0;  ///< jobs in flight
  int limit = 1;    ///< as many may be; no_cap: any number
  /// Time that the law keeps between starts; 0: none.
  Duration interval{};
  /// Starts a second, or cost where the user counts that, by the user's rate.
  std::optional<double> rate_cap;
  double rate = 0;  ///< completions a second of late; 0: not known
  std::optional<Progress::Eta> eta;
  /// What the next start waits for, and how long still (`forever`: not known).
  Gate gate = Gate::none;
  Duration opens_in{};
  /// Why, where that is the fleet.
  Permits::Hold fleet = Permits::Hold::none;
  bool paused = false;
  Duration pause_left{};  ///< forever: until it is ended from outside
  bool circuit_open = false;
  Duration circuit_left{};
  Phase phase = Phase::running;
  Duration elapsed{};
  std::uint64_t attempts = 0;
  std::uint64_t cuts = 0;  ///< times that the law slowed down

  static constexpr Duration forever = Duration::max();

  std::uint64_t done() const { return succeeded + failed; }
};

std::string_view name(RunState::Phase phase);

/// `phase` is the engine's; what the scheduler knows of draining is seen without it.
RunState state_of(const Progress& progress, const Scheduler& scheduler, TimePoint now,
                  RunState::Phase phase = RunState::Phase::running);

}  // namespace gentlify
