// Gradient2Limit of Netflix's concurrency-limits behind its WindowedLimit. Once a second, if 10 or
// more attempts succeeded in it and half of the limit was in use:
//
//   gradient = long-term duration * 1.5 / duration, within 0.5..1
//   limit    = 0.8 * limit + 0.2 * (limit * gradient + 4), within 1..max
//
// The long-term duration is an average over 600 windows, the mean of the first 10; more than twice
// the present duration, it shrinks by 5 % a window. Failures are not looked at.
#pragma once

#include "tests/bench/rivals/retries.h"

namespace gentlify::bench {

class Gradient2 : public Law {
 public:
  Gradient2(int initial, int max, std::uint64_t seed)
      : max_(max), retries_(seed), limit_(initial) {}

  Admission next_start(TimePoint now, int in_flight) override {
    return {in_flight < limit() ? now : never, Gate::slots};
  }
  void on_start(const Attempt&) override {}
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove,
                TimePoint now) override {
    const bool success = outcome.verdict == Verdict::success;
    if (success) {
      sum_ += seconds(now - attempt.started);
      ++samples_;
    }
    in_flight_ = std::max(in_flight_, attempt.in_flight);
    if (now > window_end_) {
      if (samples_ >= 10) update(sum_ / samples_);
      window_end_ = later(now, 1s);
      sum_ = 0;
      samples_ = in_flight_ = 0;
    }
    if (!success) return retries_.again(attempt.job, {.attempts = 5});
    retries_.done(attempt.job);
    return {};
  }
  int limit() const override { return static_cast<int>(limit_); }

 private:
  void update(double duration) {
    windows_ = std::min(windows_ + 1, 11);
    const double weight = windows_ <= 10 ? 1.0 / windows_ : 2.0 / 601;
    long_term_ += weight * (duration - long_term_);
    const double ratio = long_term_ / duration;
    if (ratio > 2) long_term_ *= 0.95;
    if (in_flight_ < limit_ / 2) return;
    const double wanted = limit_ * std::clamp(1.5 * ratio, 0.5, 1.0) + 4;
    limit_ = std::clamp(0.8 * limit_ + 0.2 * wanted, 1.0, max_);
  }

  double max_;
  Retries retries_;
  double limit_;
  int windows_ = 0;  // seen, at most 11
  double long_term_ = 0;
  // The present window
  TimePoint window_end_{};
  double sum_ = 0;
  int samples_ = 0;
  int in_flight_ = 0;  // the most
};

}  // namespace gentlify::bench
