// The generic cell rate algorithm: a bucket of B that fills up at N per T, kept as one number, the
// time at which it will be full. What costs c
//
//   may start at t   if  full - (B - c) * T/N <= t,   and then  full = max(full, t) + c * T/N,
//
// so that all that starts within any time t costs at most B + t * N/T. T/N is seldom a whole number
// of nanoseconds. So `full` is kept in units of 1/N ns, in which everything is whole: no error adds
// up, and only answers are rounded, up to the next nanosecond.
#pragma once

#include <algorithm>

#include "lib/control/decision.h"
#include "lib/core/rate.h"

namespace gentlify {

class Gcra {
 public:
  /// `burst` at least 1, so that any rate makes progress; at most 10^12.
  Gcra(Rate rate, Cost burst) : rate_(rate), burst_(burst) {}

  bool fits(Cost cost) const { return cost <= burst_; }

  /// Another rate and size from `now` on: what is missing in the bucket stays missing.
  void change(Rate rate, Cost burst, TimePoint now) {
    const Wide missing = std::max<Wide>(full_ - ticks(now), 0);
    const Wide used = (missing + period() - 1) / period();
    rate_ = rate;
    burst_ = burst;
    full_ = ticks(now) + used * period();
  }

  /// When the bucket holds `cost`; of more than it ever holds, when it is full.
  TimePoint at(Cost cost) const {
    return time(full_ - wide(burst_ - std::min(cost, burst_)) * period());
  }

  /// Takes `cost` out at `now`, also where the bucket holds less.
  void take(TimePoint now, Cost cost) {
    full_ = std::max(full_, ticks(now)) + wide(cost) * period();
  }

  /// What was taken was not used.
  void give_back(Cost cost) { full_ -= wide(cost) * period(); }

  /// Takes `cost` if it may start at `now`.
  Decision decide(TimePoint now, Cost cost) {
    Decision d;
    d.allowed = fits(cost) && at(cost) <= now;
    if (d.allowed) take(now, cost);
    const Wide missing = std::max<Wide>(full_ - ticks(now), 0);
    const Wide used = (missing + period() - 1) / period();
    d.limit = burst_;
    d.remaining = burst_ - static_cast<Cost>(std::min(used, wide(burst_)));
    d.reset = std::max(time(full_) - now, Duration{});
    if (!d.allowed) d.retry = fits(cost) ? at(cost) - now : Duration::max();
    return d;
  }

 private:
  __extension__ using Wide = __int128;  // of times, in 1/N ns; of costs

  static Wide wide(Cost cost) { return cost; }
  Wide period() const { return rate_.period.count(); }  // what 1 takes to come, in 1/N ns
  Wide ticks(TimePoint t) const { return wide(rate_.amount) * t.time_since_epoch().count(); }
  TimePoint time(Wide ticks) const {
    if (ticks <= 0) return {};
    const Wide rounded_up = (ticks - 1) / wide(rate_.amount) + 1;
    return TimePoint(
        Duration(static_cast<Duration::rep>(std::min<Wide>(rounded_up, Duration::max().count()))));
  }

  Rate rate_;
  Cost burst_;
  Wide full_ = 0;
};

}  // namespace gentlify
