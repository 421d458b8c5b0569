// A budget of N for each window [kT, kT + T), as many services meter it. It is debited when the
// cost is known, that is at the end: a debit that finds anything left counts whole, also the part
// that crosses the limit; after that the window is closed. Around the border of two windows it lets
// up to 2 N through, so it is no gate of ours; it stands for a service, in tests and simulations.
#pragma once

#include <algorithm>

#include "lib/control/decision.h"
#include "lib/core/rate.h"

namespace gentlify {

class BudgetMeter {
 public:
  explicit BudgetMeter(Rate rate) : rate_(rate) {}

  Decision decide(TimePoint now, Cost cost) {
    const std::int64_t window = now.time_since_epoch() / rate_.period;
    if (window != window_) used_ = 0;
    window_ = window;
    Decision d;
    d.allowed = used_ < rate_.amount;
    if (d.allowed) used_ += std::min(cost, rate_.amount);
    d.limit = rate_.amount;
    d.remaining = rate_.amount - std::min(used_, rate_.amount);
    const Duration left = rate_.period - now.time_since_epoch() % rate_.period;
    if (used_ > 0) d.reset = left;
    if (!d.allowed) d.retry = left;
    return d;
  }

 private:
  Rate rate_;
  std::int64_t window_ = -1;
  Cost used_ = 0;
};

}  // namespace gentlify
