// Who is on the scoreboard.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/control/controller.h"
#include "lib/control/retry.h"

namespace gentlify::bench {

struct Contestant {
  std::string name;
  /// `max`: attempts that may be in flight; `retries`: of a job that fails; rivals have their own.
  std::function<Controller(int max, int retries, std::uint64_t seed)> controller;
  std::function<Retry(int retries, std::uint64_t seed)> retry;
  /// Else it hears overload, but not for how long.
  bool heeds_retry_after = true;
};

std::vector<Contestant> contestants();

/// All slots from the start, whatever comes, and retries as ours: --controller fixed.
Contestant fixed();

}  // namespace gentlify::bench
