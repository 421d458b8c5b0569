// The one place that reads the clocks: CLOCK_MONOTONIC, which Asio's timers run on as well, less
// the time in which we were stopped; and the time of day, for dates that come from outside.
#pragma once

#include "lib/core/time.h"

namespace gentlify {

/// Time that counts for nothing: SIGTSTP to SIGCONT.
inline Duration& stopped_time() {
  static Duration stopped{};
  return stopped;
}

inline TimePoint monotonic_now() {
  return TimePoint(std::chrono::steady_clock::now().time_since_epoch()) - stopped_time();
}

inline std::chrono::system_clock::time_point wall_now() {
  return std::chrono::system_clock::now();
}

inline std::chrono::steady_clock::time_point to_steady(TimePoint t) {
  return std::chrono::steady_clock::time_point(t.time_since_epoch()) + stopped_time();
}

}  // namespace gentlify
