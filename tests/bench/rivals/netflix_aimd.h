// AIMDLimit of Netflix's concurrency-limits, its least limit lowered to 1: any failure makes the
// limit 0.9 times what it was; a success whose start found at least half of it in use adds 1.
#pragma once

#include "tests/bench/rivals/retries.h"

namespace gentlify::bench {

class NetflixAimd : public Law {
 public:
  NetflixAimd(int initial, int max, std::uint64_t seed)
      : max_(max), retries_(seed), limit_(initial) {}

  Admission next_start(TimePoint now, int in_flight) override {
    return {in_flight < limit_ ? now : never, Gate::slots};
  }
  void on_start(const Attempt&) override {}
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint) override {
    if (outcome.verdict == Verdict::success) {
      if (2 * attempt.in_flight >= limit_) limit_ = std::min(max_, limit_ + 1);
      retries_.done(attempt.job);
      return {};
    }
    limit_ = std::max(1, limit_ * 9 / 10);
    return retries_.again(attempt.job, {.attempts = 5});
  }
  int limit() const override { return limit_; }

 private:
  int max_;
  Retries retries_;
  int limit_;
};

}  // namespace gentlify::bench
