// A quota by the clock: `count` admitted in each window of `length`, counted anew when the next one
// begins.
//
//   window(t) = floor((t + phase) / length)                  admitted: used(window) < count
#pragma once

#include "lib/core/time.h"

namespace gentlify::sim {

class FixedWindow {
 public:
  /// `count` at least 1, `length` above 0; `phase`, from 0 to `length`: how much of the first
  /// window is over when the run starts.
  FixedWindow(int count, Duration length, Duration phase = {})
      : count_(count), length_(length), phase_(phase) {}

  TimePoint opens(TimePoint now, int) {
    roll(now);
    return used_ < count_ ? now : TimePoint{} + (window_ + 1) * length_ - phase_;
  }
  void take(TimePoint now) {
    roll(now);
    ++used_;
  }
  double rate(TimePoint) const { return count_ / seconds(length_); }

 private:
  void roll(TimePoint now) {
    const std::int64_t window = (now.time_since_epoch() + phase_) / length_;
    if (window != window_) used_ = 0;
    window_ = window;
  }

  int count_;
  Duration length_, phase_;
  std::int64_t window_ = 0;
  int used_ = 0;
};

}  // namespace gentlify::sim
