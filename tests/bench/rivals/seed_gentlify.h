// The gentlify that was before this one, as its code ran, not as it was documented: 5 permits,
// starts 0.2 s apart, three attempts inside one permit.
//
// - A job takes a permit, and only then waits until `interval` after the last start, and a random
//   half of it more; several wait side by side and do not see each other.
// - Three jobs given up within 60 s double the interval. They cannot take a permit back: all are
//   out or waited for.
// - 60 s after that the next success halves the interval and adds a permit, once.
#pragma once

#include <deque>
#include <queue>
#include <unordered_map>
#include <vector>

#include "tests/bench/rivals/retries.h"

namespace gentlify::bench {

/// To be run with RetrySettings::hold_slot.
class SeedGentlify : public Law {
 public:
  explicit SeedGentlify(std::uint64_t seed) : random_(seed), retries_(seed + 1) {}

  Admission next_start(TimePoint now, int in_flight) override {
    // A retry has its permit and waits for nothing else. It is asked for without its own slot.
    if (!held_.empty() && held_.top() <= now) return {now, Gate::interval};
    if (in_flight >= permits_) return {never, Gate::slots};
    while (static_cast<int>(planned_.size()) < permits_ - in_flight) planned_.push(plan(now));
    return {planned_.top(), Gate::interval};
  }

  void on_start(const Attempt& attempt) override {
    last_ = attempt.started;
    if (attempt.repeat) {
      held_.pop();
    } else {
      planned_.pop();
    }
  }

  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove,
                TimePoint now) override {
    if (outcome.verdict == Verdict::success) {
      retries_.done(attempt.job);
      if (cooling_ && now - cut_ >= cooling_period) {
        cooling_ = false;
        ++permits_;
        interval_ = std::max(interval_ / 2, shortest);
      }
      return {};
    }
    const Ruling ruling = retries_.again(attempt.job, {.attempts = 3});
    if (ruling.give_up) {
      on_given_up(now);
    } else {
      held_.push(later(now, *ruling.delay));
    }
    return ruling;
  }

  int limit() const override { return permits_; }

 private:
  using Times = std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>>;

  TimePoint plan(TimePoint now) {
    const TimePoint spaced = last_ == TimePoint{} ? now : std::max(now, later(last_, interval_));
    return later(spaced, from_seconds(random_.uniform(0, jitter * seconds(interval_))));
  }

  void on_given_up(TimePoint now) {
    given_up_.push_back(now);
    std::erase_if(given_up_, [&](TimePoint t) { return now - t > window; });
    if (given_up_.size() < threshold) return;
    given_up_.clear();
    interval_ = std::min(2 * interval_, longest);
    cooling_ = true;
    cut_ = now;
  }

  static constexpr Duration shortest = 200ms;
  static constexpr Duration longest = 30s;
  static constexpr double jitter = 0.5;
  static constexpr std::size_t threshold = 3;
  static constexpr Duration window = 60s;
  static constexpr Duration cooling_period = 60s;

  Random random_;
  Retries retries_;
  int permits_ = 5;
  Duration interval_ = shortest;
  TimePoint last_{};  // start
  Times planned_;     // starts of the jobs that have a permit
  Times held_;        // starts of the retries
  std::deque<TimePoint> given_up_;
  bool cooling_ = false;
  TimePoint cut_{};
};

}  // namespace gentlify::bench
