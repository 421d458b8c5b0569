// dynamic-api-rate-limiter: a rate, from 5/s on, of which a bucket holds two seconds' worth. A
// success adds 0.1/s, up to 50/s; a refusal halves the rate, down to 0.1/s, and stops all starts
// for 1 / rate seconds, within 1..60. What failed runs again at once, 20 times.
//
// As published, below 0.5/s the bucket never holds a whole start, and nothing starts any more.
#pragma once

#include "tests/bench/rivals/listener.h"
#include "tests/bench/rivals/tokens.h"

namespace gentlify::bench {

class DynamicApi : public Law {
 public:
  DynamicApi(int slots, std::uint64_t seed) : slots_(slots), retries_(seed) {}

  Admission next_start(TimePoint now, int in_flight) override {
    if (in_flight >= slots_) return {never, Gate::slots};
    return binding({cooled_, Gate::pause}, {tokens_.next_start(now), Gate::rate});
  }
  void on_start(const Attempt& attempt) override { tokens_.take(attempt.started); }
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove,
                TimePoint now) override {
    if (outcome.verdict == Verdict::success) {
      retries_.done(attempt.job);
      set_rate(now, std::min(50.0, tokens_.rate() + 0.1));
      return {};
    }
    if (!listener_.refused(outcome.verdict)) return retries_.again(attempt.job, plain_failure);
    const double rate = std::max(0.1, tokens_.rate() / 2);
    set_rate(now, rate);
    tokens_.lower(rate);
    const Duration pause = outcome.retry_after.value_or(from_seconds(std::max(1.0, 1 / rate)));
    cooled_ = std::max(cooled_, later(now, pause));
    return retries_.again(attempt.job, refusal);
  }
  int limit() const override { return slots_; }

 private:
  void set_rate(TimePoint now, double rate) { tokens_.set(now, rate, 2 * rate); }

  static constexpr RetryPolicy refusal{.wait = RetryPolicy::Wait::immediate, .attempts = 21};

  int slots_;
  Listener listener_;
  Retries retries_;
  Tokens tokens_{5, 10, 5};
  TimePoint cooled_{};
};

}  // namespace gentlify::bench
