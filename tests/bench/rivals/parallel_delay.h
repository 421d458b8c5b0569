// GNU parallel, `--delay Tauto --retries N`: starts are a delay apart, which a failure makes 30 %
// longer and a success 10 % shorter. What failed runs again at once. (GNU parallel manual, --delay)
#pragma once

#include <optional>

#include "tests/bench/rivals/retries.h"

namespace gentlify::bench {

class ParallelDelay : public Law {
 public:
  ParallelDelay(int slots, Duration delay, int attempts, std::uint64_t seed)
      : slots_(slots),
        policy_{.wait = RetryPolicy::Wait::immediate, .attempts = attempts},
        retries_(seed),
        delay_(delay) {}

  Admission next_start(TimePoint now, int in_flight) override {
    if (in_flight >= slots_) return {never, Gate::slots};
    return {last_ ? later(*last_, delay_) : now, Gate::interval};
  }
  void on_start(const Attempt& attempt) override { last_ = attempt.started; }
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint) override {
    if (outcome.verdict == Verdict::success) {
      delay_ = std::max(shortest, delay_ * 9 / 10);
      retries_.done(attempt.job);
      return {};
    }
    delay_ = delay_ * 13 / 10;
    return retries_.again(attempt.job, policy_);
  }
  int limit() const override { return slots_; }

 private:
  static constexpr Duration shortest = 100us;

  int slots_;
  RetryPolicy policy_;
  Retries retries_;
  Duration delay_;
  std::optional<TimePoint> last_;
};

}  // namespace gentlify::bench
