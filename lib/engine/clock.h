// The one place that reads the clock: CLOCK_MONOTONIC, which Asio's timers run on as well.
#pragma once

#include "lib/core/time.h"

namespace gentlify {

inline TimePoint monotonic_now() {
  return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

inline std::chrono::steady_clock::time_point to_steady(TimePoint t) {
  return std::chrono::steady_clock::time_point(t.time_since_epoch());
}

}  // namespace gentlify
