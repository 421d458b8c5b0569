#include "lib/control/classic.h"

#include <algorithm>

namespace gentlify {

namespace {

/// Where an interval of 0 starts to grow from.
constexpr Duration first_interval = std::chrono::milliseconds(1);

}  // namespace

Classic::Classic(const Bounds& bounds, const Settings& settings, double jitter, std::uint64_t seed)
    : bounds_(bounds),
      settings_(settings),
      failures_(settings.failure_threshold, settings.failure_window),
      spacing_(bounds.min_interval, jitter, seed),
      limit_(bounds.initial_concurrency),
      ceiling_(bounds.max_concurrency) {}

Admission Classic::next_start(TimePoint, int in_flight) {
  if (in_flight >= limit_) return {never, Gate::slots};
  return spacing_.next_start();
}

void Classic::on_start(const Attempt& attempt) {
  failures_.on_start(attempt);
  spacing_.on_start(attempt.started);
}

Ruling Classic::on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint now) {
  Ruling ruling;
  if (failures_.overloaded(attempt, outcome.verdict, now)) {
    ruling.moved = cut(now);
  } else if (outcome.verdict == Verdict::success) {
    ruling.moved = on_success(attempt, now);
  }
  return ruling;
}

std::optional<Adjustment> Classic::on_success(const Attempt& attempt, TimePoint now) {
  if (!ramping_) return step(now);
  if (!attempt.filled_limit || limit_ >= bounds_.max_concurrency) return {};
  return move(event::Adjusted::Kind::ramp, limit_ + 1, spacing_.interval());
}

void Classic::start_over() {
  ramping_ = true;
  limit_ = std::max(limit_, bounds_.initial_concurrency);
  ceiling_ = bounds_.max_concurrency;
  spacing_.set_interval(bounds_.min_interval);
  failures_.cut();
}

void Classic::set_max_concurrency(int max) {
  ceiling_ = ceiling_ == bounds_.max_concurrency ? max : std::min(ceiling_, max);
  limit_ = std::min(limit_, max);
  bounds_.cap(max);
}

Adjustment Classic::cut(TimePoint now) {
  ramping_ = false;
  ceiling_ = limit_;
  moved_ = now;
  failures_.cut();
  const Duration interval = 2 * std::max(spacing_.interval(), first_interval);
  return move(event::Adjusted::Kind::cut, std::max(limit_ / 2, bounds_.min_concurrency),
              std::min(interval, std::max(bounds_.max_interval, bounds_.min_interval)));
}

std::optional<Adjustment> Classic::step(TimePoint now) {
  if (seconds(now - failures_.last_counted()) >=
      settings_.ceiling_decay * seconds(settings_.cooling_period)) {
    ceiling_ = bounds_.max_concurrency;
  }
  if (now - moved_ < settings_.cooling_period) return {};
  const int limit = std::min(limit_ + 1, std::max(ceiling_, limit_));
  Duration interval = std::max(spacing_.interval() / 2, bounds_.min_interval);
  if (interval < first_interval) interval = bounds_.min_interval;
  if (limit == limit_ && interval == spacing_.interval()) return {};
  moved_ = now;
  return move(event::Adjusted::Kind::step, limit, interval);
}

Adjustment Classic::move(event::Adjusted::Kind kind, int limit, Duration interval) {
  const Adjustment adjustment{kind, limit_, limit, spacing_.interval(), interval};
  limit_ = limit;
  spacing_.set_interval(interval);
  return adjustment;
}

}  // namespace gentlify
