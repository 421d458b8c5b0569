// Failing fast must never mean starting faster. A failure that was quicker than the average success
// keeps its slot for the rest of that time.
#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "lib/core/time.h"

namespace gentlify::hover {

class HeldSlots {
 public:
  void hold(TimePoint until) { until_.push(until); }

  /// How many are held now.
  int count(TimePoint now) {
    while (!until_.empty() && until_.top() <= now) until_.pop();
    return static_cast<int>(until_.size());
  }
  /// When the next one is free; `never` where none is held.
  TimePoint next_free() const { return until_.empty() ? never : until_.top(); }

 private:
  std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>> until_;
};

}  // namespace gentlify::hover
