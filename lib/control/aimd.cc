#include "lib/control/aimd.h"

#include <algorithm>
#include <cmath>

namespace gentlify {

namespace {

constexpr double shortest_cooldown = 1;  // seconds
constexpr double longest_cooldown = 60;

/// The rates that the intervals leave.
Aimd::Settings within(Aimd::Settings settings, const Bounds& bounds) {
  if (bounds.min_interval > Duration{}) {
    settings.max_rate = std::min(settings.max_rate, 1 / seconds(bounds.min_interval));
  }
  if (bounds.max_interval > Duration{}) {
    settings.min_rate = std::max(settings.min_rate, 1 / seconds(bounds.max_interval));
  }
  settings.min_rate = std::min(settings.min_rate, settings.max_rate);
  return settings;
}

Duration interval_of(double rate) {
  return from_seconds(1 / rate);
}

}  // namespace

Aimd::Aimd(const Bounds& bounds, const Settings& settings)
    : settings_(within(settings, bounds)),
      failures_(settings.failure_threshold, settings.failure_window),
      limit_(bounds.initial_concurrency),
      rate_(std::sqrt(settings_.min_rate * settings_.max_rate)),
      spacing_(interval_of(rate_), 0, 0) {}

Admission Aimd::next_start(TimePoint, int in_flight) {
  if (in_flight >= limit_) return {never, Gate::slots};
  return spacing_.next_start();
}

void Aimd::on_start(const Attempt& attempt) {
  failures_.on_start(attempt);
  spacing_.on_start(attempt.started);
}

Ruling Aimd::on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint now) {
  Ruling ruling;
  if (failures_.overloaded(attempt, outcome.verdict, now)) {
    failures_.cut();
    const double rate = std::max(settings_.min_rate, rate_ * settings_.decrease_factor);
    ruling.moved = move(event::Adjusted::Kind::cut, rate);
    if (!outcome.retry_after) ruling.pause = cooldown();
  } else if (outcome.verdict == Verdict::success && !failures_.is_stale(attempt) &&
             attempt.waited_for == Gate::interval && rate_ < settings_.max_rate) {
    // Each is too small to be told as a step.
    const double rate = std::min(settings_.max_rate, rate_ + settings_.increase_step);
    ruling.moved = move(event::Adjusted::Kind::ramp, rate);
  }
  return ruling;
}

void Aimd::start_over() {
  failures_.cut();
  move(event::Adjusted::Kind::ramp, settings_.max_rate);
}

Adjustment Aimd::move(event::Adjusted::Kind kind, double rate) {
  const Duration before = spacing_.interval();
  rate_ = rate;
  spacing_.set_interval(interval_of(rate));
  return {kind, limit_, limit_, before, spacing_.interval()};
}

Duration Aimd::cooldown() const {
  return from_seconds(
      std::clamp(settings_.cooldown_multiplier / rate_, shortest_cooldown, longest_cooldown));
}

}  // namespace gentlify
