// Looks at a fleet and steers it, from a process that is no host of it: each call connects, waits
// for the answer, and ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/core/time.h"
#include "lib/fleet/address.h"

namespace gentlify::fleet {

/// So many in a time; a number of 0: none.
struct Quota {
  std::uint64_t number = 0;
  Duration time{};
};

struct Status {
  enum class Circuit { closed, open, half_open };
  struct Host {
    std::string id;
    std::uint64_t held = 0;
    bool wants = false;  ///< more than it was given
    Duration heard{};    ///< so long ago
  };

  Duration warm{};                            ///< until hosts have told what they hold
  std::optional<Duration> pause{Duration{}};  ///< nothing: until resumed
  Circuit circuit = Circuit::closed;
  Duration circuit_open{};  ///< so long still
  Duration ttl{};           ///< a host not heard for longer is gone
  /// In force at the last host's call; 0: none.
  std::uint64_t limit = 0;
  Quota rate;
  Quota budget;
  /// Set by hand; 0: not.
  std::uint64_t set_limit = 0;
  Quota set_rate;
  std::uint64_t set_budget = 0;
  std::uint64_t held = 0;  ///< of all hosts
  std::uint64_t generation = 0;
  std::uint64_t host_count = 0;
  std::vector<Host> hosts;  ///< the latest heard first, 1,000 at most
};

/// Of one fleet. Its calls throw Error: unavailable where nobody answers in time, no_permission
/// where the engine refuses us, no_input where it knows no such fleet.
class Steer {
 public:
  static constexpr Duration usual_patience = std::chrono::seconds(10);

  explicit Steer(Address address, Duration patience = usual_patience)
      : address_(std::move(address)), patience_(patience) {}

  Status status() const;

  /// Nothing: until resumed. Of two pauses the longer one holds: how long it is from now on.
  std::optional<Duration> pause(std::optional<Duration> time) const;

  struct Resumed {
    bool was_paused = false;
    Duration asked{};  ///< what is left of a pause that the service has asked for
  };
  Resumed resume() const;

  /// `fields` of the state: "set_limit", "set_rate_n" and "set_rate_us" (of the µs), or
  /// "set_budget_n"; 0: as configured. Throws Error(failed_jobs) too, where there is no budget.
  void set(const std::vector<std::pair<std::string_view, std::uint64_t>>& fields) const;

 private:
  struct Answer;
  Answer ask(std::vector<std::string> args) const;

  Address address_;
  Duration patience_;
};

}  // namespace gentlify::fleet
