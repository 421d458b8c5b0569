// Settings of a whole controller, as a test wants them, and what they make.
#pragma once

#include <memory>
#include <optional>

#include "lib/control/aimd.h"
#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/hover/hover.h"
#include "lib/control/scheduler.h"

namespace gentlify::test {

enum class Rule { hover, classic, aimd, fixed };

struct Setup {
  Rule rule = Rule::hover;
  Bounds bounds{1, 8, 8, {}, std::chrono::seconds(30)};
  Classic::Settings classic;
  Aimd::Settings aimd;
  double jitter = 0.5;
  CircuitBreaker::Settings circuit;
  std::optional<Pacer::Settings> rate;
  std::optional<Rate> budget;
  RetrySettings retry;
  std::uint64_t seed = 1;

  std::unique_ptr<Law> law() const {
    switch (rule) {
      case Rule::hover:
        return std::make_unique<Hover>(bounds,
                                       Hover::Settings{retry.max_attempts, retry.base_delay}, seed);
      case Rule::classic: return std::make_unique<Classic>(bounds, classic, jitter, seed);
      case Rule::aimd: return std::make_unique<Aimd>(bounds, aimd);
      case Rule::fixed: return std::make_unique<Fixed>(bounds, jitter, seed);
    }
    return {};
  }
  Controller controller() const {
    Controller::Gates gates;
    gates.law = law();
    gates.circuit = circuit;
    if (rate) gates.pacer = Pacer(*rate);
    if (budget) gates.budget = TokenBudget(*budget);
    return Controller(std::move(gates));
  }
  Scheduler scheduler(EventSink& sink) const {
    return {controller(), Retry(retry, seed + 1), sink};
  }
};

}  // namespace gentlify::test
