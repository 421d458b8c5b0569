// The `adaptive` retry mode of the AWS SDKs, at most 3 attempts: a bucket of starts whose rate
// follows CUBIC. It is off until the first refusal. Each answer makes the rate
//
//   success  0.4 * (t - k)^3 + w, t seconds after the last refusal
//   refusal  0.7 * w, w = the rate used so far, k = cbrt(0.3 * w / 0.4)
//
// but at most twice the rate of answers, which is measured each half second and smoothed by 0.8.
#pragma once

#include "tests/bench/rivals/listener.h"
#include "tests/bench/rivals/tokens.h"

namespace gentlify::bench {

class AwsAdaptive : public Law {
 public:
  AwsAdaptive(int slots, std::uint64_t seed) : slots_(slots), retries_(seed) {}

  Admission next_start(TimePoint now, int in_flight) override {
    if (in_flight >= slots_) return {never, Gate::slots};
    return {on_ ? tokens_.next_start(now) : now, Gate::rate};
  }
  void on_start(const Attempt& attempt) override {
    if (on_) tokens_.take(attempt.started);
  }
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove,
                TimePoint now) override {
    measure(now);
    const double rate = outcome.verdict != Verdict::success && listener_.refused(outcome.verdict)
                            ? on_refusal(now)
                            : w_ + 0.4 * std::pow(seconds(now - last_refusal_) - k_, 3);
    const double bounded = std::min(rate, 2 * measured_);
    tokens_.set(now, std::max(bounded, 0.5), std::max(bounded, 1.0));
    if (outcome.verdict != Verdict::success) return retries_.again(attempt.job, {.max = 20s});
    retries_.done(attempt.job);
    return {};
  }
  int limit() const override { return slots_; }

 private:
  void measure(TimePoint now) {
    ++answers_;
    const double since = std::floor(2 * seconds(now - measured_at_)) / 2;
    if (since <= 0) return;
    measured_ = 0.8 * answers_ / since + 0.2 * measured_;
    measured_at_ += from_seconds(since);
    answers_ = 0;
  }

  double on_refusal(TimePoint now) {
    w_ = on_ ? std::min(measured_, tokens_.rate()) : measured_;
    k_ = std::cbrt(0.3 * w_ / 0.4);
    last_refusal_ = now;
    on_ = true;
    return 0.7 * w_;
  }

  int slots_;
  Listener listener_;
  Retries retries_;
  Tokens tokens_{1, 1, 0};
  bool on_ = false;
  TimePoint last_refusal_{};
  double w_ = 0;
  double k_ = 0;
  TimePoint measured_at_{};
  double measured_ = 0;  // answers a second
  int answers_ = 0;      // since then
};

}  // namespace gentlify::bench
