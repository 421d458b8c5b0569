// Time as everything below the engine sees it: an argument, never a clock that is read.
#pragma once

#include <chrono>
#include <cstdint>

namespace gentlify {

using Duration = std::chrono::nanoseconds;

/// The monotonic timeline of one run. It has no now(): who decides is told the time.
struct Timeline {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<Timeline>;
  static constexpr bool is_steady = true;
};
using TimePoint = Timeline::time_point;

/// Later than every event: "ask again after something else has happened".
inline constexpr TimePoint never = TimePoint::max();

/// `t + d`, or `never` where that would be past the end of the timeline.
constexpr TimePoint later(TimePoint t, Duration d) {
  return d > never - std::max(t, TimePoint{}) ? never : t + d;
}

/// A duration as seconds, for formulas and for people.
constexpr double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

/// Seconds as a duration, rounded to nanoseconds. `s` within ±9e9.
constexpr Duration from_seconds(double s) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(s));
}

}  // namespace gentlify
