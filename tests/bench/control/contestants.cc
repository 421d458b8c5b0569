#include "tests/bench/control/contestants.h"

#include <cmath>

#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/hover/hover.h"
#include "tests/bench/rivals/rivals.h"

namespace gentlify::bench {

namespace {

using MakeLaw =
    std::function<std::unique_ptr<Law>(const Bounds& bounds, int retries, std::uint64_t seed)>;

Controller make_controller(std::unique_ptr<Law> law, const CircuitBreaker::Settings& circuit) {
  Controller::Gates gates;
  gates.law = std::move(law);
  gates.circuit = circuit;
  return Controller(std::move(gates));
}

/// A law of ours with the defaults of the settings.
Contestant ours(std::string name, MakeLaw make) {
  return {std::move(name),
          [make = std::move(make)](int max, int retries, std::uint64_t seed) {
            const int initial = static_cast<int>(std::ceil(std::sqrt(max)));
            return make_controller(
                make({1, initial, max, {}, std::chrono::seconds(30)}, retries, seed), {});
          },
          [](int retries, std::uint64_t seed) {
            RetrySettings settings;
            settings.max_attempts = retries + 1;
            return Retry(settings, seed);
          }};
}

Contestant rival(const Rival& rival) {
  return {rival.name,
          [make = rival.make](int max, int, std::uint64_t seed) {
            return make_controller(make(max, seed), rivals_circuit);
          },
          [settings = rival.retry](int, std::uint64_t seed) { return Retry(settings, seed); },
          rival.heeds_retry_after};
}

}  // namespace

Contestant fixed() {
  Contestant contestant = ours("fixed", {});
  contestant.controller = [](int max, int, std::uint64_t) {
    const Bounds bounds{max, max, max, {}, {}};
    CircuitBreaker::Settings no_circuit;
    no_circuit.consecutive_failures = 0;
    return make_controller(std::make_unique<Fixed>(bounds, 0.0, 1), no_circuit);
  };
  return contestant;
}

std::vector<Contestant> contestants() {
  std::vector<Contestant> all;
  all.push_back(ours("hover", [](const Bounds& bounds, int retries, std::uint64_t seed) {
    Hover::Settings settings;
    settings.max_attempts = retries + 1;
    return std::make_unique<Hover>(bounds, settings, seed);
  }));
  all.push_back(ours("classic", [](const Bounds& bounds, int, std::uint64_t seed) {
    return std::make_unique<Classic>(bounds, Classic::Settings{}, 0.5, seed);
  }));
  for (const Rival& one : rivals()) all.push_back(rival(one));
  return all;
}

}  // namespace gentlify::bench
