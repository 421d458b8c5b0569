// A quota without a clock: `count` admitted within the last `length`, whenever one looks.
//
//   admitted: the attempt that was admitted `count` attempts ago is older than `length`
#pragma once

#include <vector>

#include "lib/core/time.h"

namespace gentlify::sim {

class SlidingWindow {
 public:
  /// `count` at least 1, `length` above 0.
  SlidingWindow(int count, Duration length)
      : length_(length), admitted_(static_cast<std::size_t>(count), TimePoint{} - length) {}

  TimePoint opens(TimePoint now, int) const { return std::max(now, admitted_[oldest_] + length_); }
  void take(TimePoint now) {
    admitted_[oldest_] = now;
    if (++oldest_ == admitted_.size()) oldest_ = 0;
  }
  double rate(TimePoint) const { return static_cast<double>(admitted_.size()) / seconds(length_); }

 private:
  Duration length_;
  std::vector<TimePoint> admitted_;  // a ring: the last `count`
  std::size_t oldest_ = 0;
};

}  // namespace gentlify::sim
