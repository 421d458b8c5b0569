#include "lib/control/hover/knob.h"

#include <algorithm>
#include <cmath>

namespace gentlify::hover {

namespace {

/// Below the ceiling a whole patience of 25 passes in this time, in seconds.
constexpr double patience_seconds = 10;
/// How fast a peak is forgotten, in seconds.
constexpr double memory_seconds = 60;

}  // namespace

double Knob::g() const {
  const double x = growth_ / patience_ - 1;
  if (x <= 1) return 1 + (1 - keep) * x * x * x;
  return (2 - keep) * std::exp2(std::min(20.0, 2 * (x - 1)));
}

void Knob::advance(TimePoint now, bool calm, std::size_t in_flight) {
  if (!known()) return;
  const double period = patience_seconds * std::sqrt(std::max(1.0, patience_ / patience_min));
  const double periods = std::min(1.0, seconds(now - advanced_) / period);
  if (!testing()) {
    growth_ += std::max(1.0, patience_ * periods);
  } else if (calm) {
    const double half = 0.5 * patience_;
    const double round = half / static_cast<double>(std::max<std::size_t>(1, in_flight));
    growth_ += std::max(std::min(1.0, round), half * periods);
  }
  advanced_ = now;
}

void Knob::set_ceiling(double ceiling, Why why, TimePoint now) {
  const double before = why == Why::no_use ? ceiling : ceiling_;
  ceiling_ = ceiling;
  peak_ *= std::exp(-seconds(now - peaked_) / memory_seconds);
  peak_ = std::max({peak_, ceiling, before < unlimited ? before : 0});
  peaked_ = now;
  if (before == unlimited || ceiling > 1.25 * before || ceiling < 0.8 * before) {
    patience_ = patience_min;
  } else if (why != Why::refused) {
    patience_ = std::min(2 * patience_, patience_max);
  }
  if (ceiling < 0.5 * peak_) patience_ = std::min(patience_, patience_deep);
  growth_ = patience_ * (1 - ceiling / peak_);
}

}  // namespace gentlify::hover
