// A run's part in a fleet, as the settings want it; without --fleet it does nothing.
#pragma once

#include <memory>
#include <optional>

#include "cli/broadcast.h"
#include "cli/request.h"
#include "lib/control/permits.h"
#include "lib/control/scheduler.h"
#include "lib/engine/engine.h"
#include "lib/fleet/fleet.h"

namespace gentlify {

/// "local:4,10/s": how many jobs at once, and the starts, where the fleet is away; nothing for
/// "wait". Throws Error(usage) with what is allowed for anything else.
std::optional<fleet::Member::Alone> parse_outage(std::string_view text);

class FleetRun {
 public:
  explicit FleetRun(const Settings& settings);

  /// What the fleet allows; null: there is none.
  Permits* permits() { return permits_ ? &*permits_ : nullptr; }

  /// Becomes a host of the fleet. Returns when it is one, or when the run was told to end. Throws
  /// Error: unavailable, where the fleet does not answer for 10 s; no_permission; bad_config where
  /// it has other limits.
  void join(const Plan& plan, Host& host, Engine& engine, const Scheduler& scheduler,
            Broadcast& listeners);

  /// The run is over: gives everything back, if the fleet hears it at once.
  void leave(Host& host);

  /// What ended the run, with jobs left where it is `unfinished`, if that was the fleet; else
  /// nothing.
  std::optional<Ending> ending(bool unfinished) const;

 private:
  [[noreturn]] void give_up() const;
  Ending other_limits() const;

  const Settings& settings_;
  std::optional<fleet::Address> address_;
  std::optional<Permits> permits_;
  fleet::JobList* list_ = nullptr;
  std::optional<fleet::Member> member_;
  std::optional<fleet::Fleet> fleet_;
};

}  // namespace gentlify
