#include "lib/control/circuit_breaker.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace gentlify {

Admission CircuitBreaker::next_start(TimePoint now) {
  if (state_ == Circuit::closed) return {now, Gate::circuit};
  if (state_ == Circuit::open) {
    if (now < until_) return {until_, Gate::circuit};
    state_ = Circuit::half_open;
    probes_.clear();
  }
  const bool full = std::ssize(probes_) >= settings_.half_open_max_calls;
  return {full ? never : now, Gate::circuit};
}

void CircuitBreaker::on_start(const Attempt& attempt) {
  in_flight_.insert(in_flight_.end(), attempt.id);
  if (state_ == Circuit::half_open) probes_.insert(attempt.id);
}

CircuitMove CircuitBreaker::on_end(const Attempt& attempt, const Outcome& outcome, TimePoint now) {
  CircuitMove move{state_, state_};
  in_flight_.erase(attempt.id);
  const bool probe = probes_.erase(attempt.id) > 0 && state_ == Circuit::half_open;
  const bool said = outcome.verdict == Verdict::overload;
  const bool failed = outcome.verdict != Verdict::success;
  if (state_ == Circuit::closed) remember(attempt, failed);
  if (!failed) {
    if (attempt.id > streak_begin_) streak_ = streak_retries_ = 0;
    if (probe) close();
  } else {
    if (!attempt.repeat || said) {
      if (streak_++ == 0) streak_begin_ = streak_end_ = attempt.id;
      streak_end_ = std::max(streak_end_, attempt.id);
    } else if (streak_ > 0) {
      ++streak_retries_;
    }
    if (probe) {
      open(std::min(2 * duration_, longest * settings_.open_duration), now);
    } else if (state_ == Circuit::closed && streak_is_long() && !(said && outcome.retry_after)) {
      opened_ = now;
      // Where most go through, the streak is no part of what is usual.
      if (usual_failures() < few) {
        std::erase_if(first_tries_, [&](const Ended& t) { return t.id >= streak_begin_; });
      }
      open(settings_.open_duration, now);
    }
  }
  move.after = state_;
  return move;
}

void CircuitBreaker::forget(const Attempt& attempt) {
  in_flight_.erase(attempt.id);
  probes_.erase(attempt.id);
}

double CircuitBreaker::usual_failures() const {
  return usual_failures(first_tries_);
}

/// Attempts within the streak that have not ended yet may still break it.
bool CircuitBreaker::streak_is_long() const {
  if (settings_.consecutive_failures == 0) return false;
  const auto weight = [](double f) { return std::log(std::max(f, few)) / std::log(few); };
  const double f = usual_failures();
  const double r = usual_failures(retries_);
  const double streak = streak_ * (f < most ? weight(f) : 1) + streak_retries_ * weight(r);
  if (streak < settings_.consecutive_failures) return false;
  const auto unknown =
      std::distance(in_flight_.upper_bound(streak_begin_), in_flight_.lower_bound(streak_end_));
  return 3 * unknown <= streak_;
}

void CircuitBreaker::remember(const Attempt& attempt, bool failed) {
  constexpr std::size_t remembered = 100;
  std::deque<Ended>& ended = attempt.repeat ? retries_ : first_tries_;
  ended.push_back({attempt.id, failed});
  if (ended.size() > remembered) ended.pop_front();
}

double CircuitBreaker::usual_failures(const std::deque<Ended>& ended) const {
  constexpr int enough = 3;
  int all = 0;
  int failed = 0;
  for (const Ended& t : ended) {
    if (streak_ > 0 && t.id >= streak_begin_) continue;
    ++all;
    if (t.failed) ++failed;
  }
  return all - failed < enough ? 1 : static_cast<double>(failed) / all;
}

void CircuitBreaker::open(Duration duration, TimePoint now) {
  state_ = Circuit::open;
  duration_ = duration;
  until_ = later(now, duration);
  probes_.clear();
}

void CircuitBreaker::close() {
  state_ = Circuit::closed;
  streak_ = streak_retries_ = 0;
  probes_.clear();
}

}  // namespace gentlify
