// A log of the starts within the last T: never more than N of them, or N of cost, within any T.
// Exact, where a bucket would let N more through right after a burst. It keeps an entry for each
// instant of a start, N at most.
#pragma once

#include "lib/control/decision.h"
#include "lib/control/rolling_sum.h"
#include "lib/core/rate.h"

namespace gentlify {

class SlidingLog {
 public:
  explicit SlidingLog(Rate rate) : most_(rate.amount), log_(rate.period) {}

  bool fits(Cost cost) const { return cost <= most_; }

  /// Another rate from now on, for what comes and for what is still in the log.
  void change(Rate rate) {
    most_ = rate.amount;
    log_.set_window(rate.period);
  }

  /// When there is room for `cost`; of more than there ever is room for, when the log is empty.
  TimePoint at(Cost cost) { return log_.at_most(most_ - std::min(cost, most_)); }

  /// `cost` starts at `now`, also where there is no room for it.
  void take(TimePoint now, Cost cost) { log_.add(now, cost); }

  /// What was taken at `then` did not start.
  void give_back(TimePoint then, Cost cost) { log_.take_off(then, cost); }

  /// Takes `cost` if it may start at `now`.
  Decision decide(TimePoint now, Cost cost) {
    Decision d;
    d.allowed = fits(cost) && at(cost) <= now;
    if (d.allowed) take(now, cost);
    d.limit = most_;
    d.remaining = most_ - std::min(log_.total(now), most_);
    d.reset = std::max(at(most_) - now, Duration{});
    if (!d.allowed) d.retry = fits(cost) ? at(cost) - now : Duration::max();
    return d;
  }

 private:
  Cost most_;
  RollingSum log_;
};

}  // namespace gentlify
