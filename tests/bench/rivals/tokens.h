// A bucket of starts: `rate` of them flow in each second, up to `capacity`, and each start takes
// one. Time that no start waits for is worth at most the capacity.
#pragma once

#include <algorithm>

#include "lib/core/time.h"

namespace gentlify::bench {

class Tokens {
 public:
  Tokens(double rate, double capacity, double level)
      : rate_(rate), capacity_(capacity), level_(level) {}

  /// When the next start has its token, if nothing is taken or set before.
  TimePoint next_start(TimePoint now) {
    fill(now);
    return level_ >= 1 ? now : later(now, from_seconds((1 - level_) / rate_));
  }
  void take(TimePoint now) {
    fill(now);
    level_ -= 1;
  }
  void set(TimePoint now, double rate, double capacity) {
    fill(now);
    rate_ = rate;
    capacity_ = capacity;
    level_ = std::min(level_, capacity);
  }
  /// Spills what is above `level`.
  void lower(double level) { level_ = std::min(level_, level); }
  double rate() const { return rate_; }

 private:
  void fill(TimePoint now) {
    level_ = std::min(capacity_, level_ + seconds(now - filled_) * rate_);
    filled_ = now;
  }

  double rate_;
  double capacity_;
  double level_;
  TimePoint filled_{};
};

}  // namespace gentlify::bench
