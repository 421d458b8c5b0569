// Adaptive Request Concurrency of Vector. The limit starts at 1. Once per average duration:
//
//   + 1    the limit was reached, nothing was refused, and the mean of the period is at most the
//          average
//   * 0.9  something was refused, or the mean is 2.5 standard deviations above the average
//
// The average and the variance are exponentially weighted, 0.4 for the new. Refused requests wait
// by Fibonacci's numbers, at most 30 s, and never give up.
#pragma once

#include <limits>

#include "tests/bench/rivals/listener.h"

namespace gentlify::bench {

class VectorArc : public Law {
 public:
  VectorArc(int max, std::uint64_t seed) : max_(max), retries_(seed) {}

  Admission next_start(TimePoint now, int in_flight) override {
    return {in_flight < limit_ ? now : never, Gate::slots};
  }
  void on_start(const Attempt& attempt) override {
    if (attempt.in_flight >= limit_) reached_ = true;
  }
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove,
                TimePoint now) override {
    Ruling ruling;
    if (outcome.verdict == Verdict::success) {
      retries_.done(attempt.job);
      sum_ += seconds(now - attempt.started);
      ++samples_;
    } else if (listener_.refused(outcome.verdict)) {
      ruling = retries_.again(attempt.job, refusal);
      refused_ = true;
    } else {
      return retries_.again(attempt.job, plain_failure);
    }
    if (!known_) {
      if (samples_ > 0) begin(now);
    } else if (now >= period_end_) {
      update();
      next_period(now);
    }
    return ruling;
  }
  int limit() const override { return limit_; }

 private:
  void begin(TimePoint now) {
    known_ = true;
    average_ = sum_ / samples_;
    period_end_ = later(now, from_seconds(average_));
    sum_ = 0;
    samples_ = 0;
  }

  void update() {
    const double mean = samples_ > 0 ? sum_ / samples_ : 0;
    const bool slow = mean >= average_ + 2.5 * std::sqrt(variance_);
    if (limit_ < max_ && reached_ && !refused_ && samples_ > 0 && mean <= average_) {
      ++limit_;
    } else if (refused_ || slow) {
      limit_ = std::max(1, limit_ * 9 / 10);
    }
    if (samples_ == 0) return;
    const double difference = mean - average_;
    average_ += 0.4 * difference;
    variance_ = 0.6 * (variance_ + 0.4 * difference * difference);
  }

  void next_period(TimePoint now) {
    period_end_ = later(now, from_seconds(average_));
    sum_ = 0;
    samples_ = 0;
    refused_ = reached_ = false;
  }

  static constexpr RetryPolicy refusal{.wait = RetryPolicy::Wait::fibonacci,
                                       .attempts = std::numeric_limits<int>::max(),
                                       .max = 30s};

  int max_;
  Listener listener_;
  Retries retries_;
  int limit_ = 1;
  bool known_ = false;  // the average
  double average_ = 0;
  double variance_ = 0;
  // The present period
  TimePoint period_end_{};
  double sum_ = 0;
  int samples_ = 0;
  bool refused_ = false;
  bool reached_ = false;
};

}  // namespace gentlify::bench
