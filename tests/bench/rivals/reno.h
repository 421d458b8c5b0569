// TCP Reno's window on attempts in flight (RFC 5681): each success adds 1 below the threshold and
// 1 / window above it; a refusal halves the window and makes that the threshold, once for all
// attempts that were in flight then.
#pragma once

#include "tests/bench/rivals/listener.h"

namespace gentlify::bench {

class Reno : public Law {
 public:
  Reno(int initial, int max, std::uint64_t seed)
      : max_(max), retries_(seed), window_(initial), threshold_(max) {}

  Admission next_start(TimePoint now, int in_flight) override {
    return {in_flight < limit() ? now : never, Gate::slots};
  }
  void on_start(const Attempt& attempt) override { last_started_ = attempt.id; }
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint) override {
    if (outcome.verdict == Verdict::success) {
      window_ = std::min(max_, window_ + (window_ < threshold_ ? 1 : 1 / window_));
      retries_.done(attempt.job);
      return {};
    }
    if (!listener_.refused(outcome.verdict)) return retries_.again(attempt.job, plain_failure);
    if (attempt.id > last_before_cut_) {
      threshold_ = window_ = std::max(1.0, window_ / 2);
      last_before_cut_ = last_started_;
    }
    return retries_.again(attempt.job, {.attempts = 5});
  }
  int limit() const override { return static_cast<int>(window_); }

 private:
  double max_;
  Listener listener_;
  Retries retries_;
  double window_;
  double threshold_;
  AttemptId last_started_{};
  AttemptId last_before_cut_{};
};

}  // namespace gentlify::bench
