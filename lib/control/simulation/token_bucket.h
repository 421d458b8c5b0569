// The limit of most interfaces: a bucket of tokens that fills at a rate, and each admitted attempt
// takes one.
//
//   level(t) = min(burst, level(s) + integral of rate from s to t)       admitted: level >= 1
//
// so that within any time t no more than burst + rate * t are admitted.
#pragma once

#include <algorithm>

#include "lib/control/simulation/steps.h"

namespace gentlify::sim {

class TokenBucket {
 public:
  /// `rate` in starts per second; `burst`, at least 1, is also the level at the start.
  TokenBucket(Steps rate, double burst) : rate_(std::move(rate)), burst_(burst), level_(burst) {}

  TimePoint opens(TimePoint now, int) {
    fill(now);
    return level_ >= whole ? now : rate_.reaches(now, 1 - level_);
  }
  void take(TimePoint now) {
    fill(now);
    level_ -= 1;
  }
  double rate(TimePoint t) const { return rate_.at(t); }

 private:
  /// Sums of parts do not come to exactly 1.
  static constexpr double whole = 1 - 1e-9;

  void fill(TimePoint now) {
    level_ = std::min(burst_, level_ + rate_.integral(filled_, now));
    filled_ = now;
  }

  Steps rate_;
  double burst_, level_;
  TimePoint filled_{};
};

}  // namespace gentlify::sim
