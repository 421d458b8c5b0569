#include "lib/control/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/core/overloaded.h"

namespace gentlify {

void Progress::on_event(const Event& event, TimePoint now) {
  std::visit(Overloaded{
                 [&](const event::Started& e) { started(e); },
                 [&](const event::Ended& e) { ended(e, now); },
                 [&](const event::Dropped& e) {
                   if (e.job.attempts == 0) return;
                   --retrying_;
                   ++stopped_;
                 },
                 [&](const event::Adjusted& e) {
                   if (e.kind == event::Adjusted::Kind::cut) ++cuts_;
                 },
                 [&](const event::Starved& e) {
                   --attempts_;
                   --in_flight_;
                   if (e.job.attempts == 0)
                     --seen_;
                   else
                     ++retrying_;
                 },
                 [&](const event::Paused& e) { paused(e.on, now); },
                 [](const event::CircuitMoved&) {},
                 [](const event::JobsBlamed&) {},
                 [](const event::Changed&) {},
                 [&](const event::Draining& e) { in_flight_ = e.in_flight; },
                 [](const event::Stopping&) {},
             },
             event);
}

void Progress::started(const event::Started& e) {
  ++attempts_;
  in_flight_ = e.in_flight;
  if (e.job.attempts == 1) {
    ++seen_;
  } else {
    --retrying_;
  }
}

void Progress::ended(const event::Ended& e, TimePoint now) {
  in_flight_ = e.in_flight;
  if (e.by_fallback) {
    --falling_back_;
    if (e.fate == Fate::done) ++saved_;
  } else {
    if (e.job.attempts == 0 && e.fate != Fate::not_done) ++seen_;
    if (!e.attempted && e.job.attempts > 0) --retrying_;
  }
  switch (e.fate) {
    case Fate::retry: ++retrying_; return;
    case Fate::fallback: ++falling_back_; return;
    case Fate::not_done: ++stopped_; return;
    case Fate::done: ++succeeded_; break;
    case Fate::failed: ++failed_; break;
  }
  if (e.job.attempts > 1) ++repeated_;
  completions_.push_back(now);
  if (completions_.size() > window) {
    rate_since_ = completions_.front();
    completions_.pop_front();
  }
}

/// Paused time is no time: what was completed before moves up by it.
void Progress::paused(bool on, TimePoint now) {
  if (on) {
    paused_at_ = std::min(paused_at_, now);
    return;
  }
  const Duration pause = now - std::exchange(paused_at_, never);
  rate_since_ += pause;
  for (TimePoint& t : completions_) t = std::min(t + pause, now);
}

double Progress::rate(TimePoint now) const {
  now = std::min(now, paused_at_);
  if (completions_.size() < 2) return 0;
  const double span = seconds(now - rate_since_);
  return span > 0 ? static_cast<double>(completions_.size()) / span : 0;
}

std::optional<Progress::Eta> Progress::eta(TimePoint now) const {
  const double r = rate(now);
  if (!total_ || r <= 0) return {};
  const auto left = static_cast<double>(*total_ - std::min(*total_, completed()));
  const auto n = static_cast<double>(completions_.size());
  double squares = 0;
  TimePoint before = rate_since_;
  for (const TimePoint t : completions_) {
    squares += std::pow(seconds(t - before), 2);
    before = t;
  }
  const double mean = seconds(completions_.back() - rate_since_) / n;
  const double variance = std::max(0.0, squares / n - mean * mean);
  const double cv = mean > 0 ? std::sqrt(variance) / mean : 0;
  const double error = left > 0 ? cv * std::sqrt(1 / n + 1 / left) : 0;
  return Eta{from_seconds(std::min(left / r, 1e9)), from_seconds(std::min(left / r * error, 1e9))};
}

}  // namespace gentlify
