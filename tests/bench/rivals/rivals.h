// What hover is measured against: other throttlers, each with its own retries, written anew from
// their sources as laws. They are to be run with the circuit off (rivals_circuit).
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "lib/control/fixed.h"
#include "lib/control/retry.h"
#include "tests/bench/rivals/aws_adaptive.h"
#include "tests/bench/rivals/dynamic_api.h"
#include "tests/bench/rivals/gradient2.h"
#include "tests/bench/rivals/netflix_aimd.h"
#include "tests/bench/rivals/parallel_delay.h"
#include "tests/bench/rivals/reno.h"
#include "tests/bench/rivals/seed_gentlify.h"
#include "tests/bench/rivals/vector_arc.h"

namespace gentlify::bench {

struct Rival {
  std::string name;
  std::function<std::unique_ptr<Law>(int max_concurrency, std::uint64_t seed)> make;
  RetrySettings retry;
  bool heeds_retry_after = false;
};

inline constexpr CircuitBreaker::Settings rivals_circuit{.consecutive_failures = 0};

/// For laws that rule on retries themselves.
inline RetrySettings ruled_retries(bool hold_slot = false) {
  const int all = std::numeric_limits<int>::max();
  return {all, all, Backoff::fixed, Duration{}, Duration{}, hold_slot};
}

/// `attempts` a job, in all, whoever is to blame.
inline RetrySettings jittered_retries(int attempts) {
  return {attempts, attempts - 1, Backoff::exponential_jitter, 1s, 60s, true};
}

inline std::unique_ptr<Law> make_fixed(int slots, std::uint64_t seed) {
  return std::make_unique<Fixed>(Bounds{1, slots, slots, {}, {}}, 0.0, seed);
}

inline std::vector<Rival> rivals() {
  return {
      {"xargs -P 4", [](int, auto seed) { return make_fixed(4, seed); }, jittered_retries(1)},
      {"xargs -P 16", [](int, auto seed) { return make_fixed(16, seed); }, jittered_retries(1)},
      {"fixed 16, 5 tries", [](int, auto seed) { return make_fixed(16, seed); },
       jittered_retries(5)},
      {"parallel --delay",
       [](int max, auto seed) { return std::make_unique<ParallelDelay>(max, 100ms, 3, seed); },
       ruled_retries()},
      {"seed gentlify", [](int, auto seed) { return std::make_unique<SeedGentlify>(seed); },
       ruled_retries(true)},
      {"Reno", [](int max, auto seed) { return std::make_unique<Reno>(8, max, seed); },
       ruled_retries()},
      {"Netflix AIMD",
       [](int max, auto seed) { return std::make_unique<NetflixAimd>(8, max, seed); },
       ruled_retries()},
      {"Netflix Gradient2",
       [](int max, auto seed) { return std::make_unique<Gradient2>(8, max, seed); },
       ruled_retries()},
      {"Vector ARC", [](int max, auto seed) { return std::make_unique<VectorArc>(max, seed); },
       ruled_retries()},
      {"AWS adaptive", [](int max, auto seed) { return std::make_unique<AwsAdaptive>(max, seed); },
       ruled_retries()},
      {"dynamic-api", [](int max, auto seed) { return std::make_unique<DynamicApi>(max, seed); },
       ruled_retries(), true},
  };
}

}  // namespace gentlify::bench
