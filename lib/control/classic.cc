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
      spacing_(bounds.min_interval, jitter, seed),
      limit_(bounds.initial_concurrency),
      ceiling_(bounds.max_concurrency) {}

Admission Classic::next_start(TimePoint, int in_flight) {
  if (in_flight >= limit_) return {never, Gate::slots};
  return spacing_.next_start();
}

void Classic::on_start(const Attempt& attempt) {
  last_started_ = attempt.id;
  spacing_.on_start(attempt.started);
}

Ruling Classic::on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove, TimePoint now) {
  Ruling ruling;
  if (outcome.verdict == Verdict::success) {
    evidence_.weigh(outcome.verdict, attempt.repeat);
    ruling.moved = on_success(attempt, now);
  } else if (overloaded(attempt, outcome.verdict, now)) {
    ruling.moved = cut(now);
  }
  return ruling;
}

std::optional<Adjustment> Classic::on_success(const Attempt& attempt, TimePoint now) {
  if (!ramping_) return step(now);
  if (!attempt.filled_limit || limit_ >= bounds_.max_concurrency) return {};
  return move(event::Adjusted::Kind::ramp, limit_ + 1, spacing_.interval());
}

/// Counts a failure; true where it completes the evidence of an overload.
bool Classic::overloaded(const Attempt& attempt, Verdict verdict, TimePoint now) {
  const Evidence::Weight weight = evidence_.weigh(verdict, attempt.repeat);
  if (attempt.id <= last_before_cut_) return false;
  switch (weight) {
    case Evidence::Weight::none: return false;
    case Evidence::Weight::strikes:
      std::erase_if(failures_, [&](const Failure& f) { return f.job == attempt.job; });
      return false;
    case Evidence::Weight::counts: break;
    case Evidence::Weight::certain: last_failure_ = now; return true;
  }
  last_failure_ = now;
  failures_.push_back({now, attempt.job});
  std::erase_if(failures_, [&](const Failure& f) { return now - f.at > settings_.failure_window; });
  return std::ssize(failures_) >= settings_.failure_threshold;
}

Adjustment Classic::cut(TimePoint now) {
  ramping_ = false;
  ceiling_ = limit_;
  moved_ = now;
  last_before_cut_ = last_started_;
  failures_.clear();
  const Duration interval = 2 * std::max(spacing_.interval(), first_interval);
  return move(event::Adjusted::Kind::cut, std::max(limit_ / 2, bounds_.min_concurrency),
              std::min(interval, std::max(bounds_.max_interval, bounds_.min_interval)));
}

std::optional<Adjustment> Classic::step(TimePoint now) {
  if (seconds(now - last_failure_) >= settings_.ceiling_decay * seconds(settings_.cooling_period)) {
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
