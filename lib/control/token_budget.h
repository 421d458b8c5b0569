// A budget of N of cost in any window of T.
//
// A start spends what the job is expected to cost. At the end of the attempt, however it ended, the
// difference to what it really cost is settled: more is spent then, less is given back to the start
// while that is within the window. An attempt that does not tell its cost keeps the estimate.
//
// So what is spent within any T is at most N + the sum of (actual - estimate), where that is more
// than 0, over the attempts that run at one time.
#pragma once

#include <optional>

#include "lib/control/attempt.h"
#include "lib/control/rolling_sum.h"
#include "lib/core/rate.h"

namespace gentlify {

class TokenBudget {
 public:
  explicit TokenBudget(Rate limit);

  const Rate& limit() const { return limit_; }
  /// Another budget from now on; what was spent stays spent, as long as it did by the old one.
  void set_limit(Rate limit);

  /// What costs so much can ever start.
  bool fits(Cost cost) const { return cost <= limit_.amount; }

  /// `at <= now`: one that is expected to cost so much may start now.
  Admission next_start(Cost cost);
  void on_start(const Attempt& attempt);
  void on_end(const Attempt& attempt, std::optional<Cost> actual, TimePoint now);
  /// It did not start after all.
  void give_back(const Attempt& attempt);

  /// Spent within the last T.
  Cost spent(TimePoint now) { return spent_.total(now); }

 private:
  Rate limit_;
  RollingSum spent_;
};

}  // namespace gentlify
