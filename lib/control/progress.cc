#include "lib/control/progress.h"

#include <algorithm>
#include <utility>

#include "lib/core/overloaded.h"

namespace gentlify {

void Progress::on_event(const Event& event, TimePoint now) {
  std::visit(Overloaded{
                 [&](const event::Started& e) {
                   started(e);
                   forecast_.started(e, now);
                 },
                 [&](const event::Ended& e) {
                   ended(e, now);
                   forecast_.ended(e, now);
                 },
                 [&](const event::Dropped& e) {
                   forecast_.dropped(e);
                   if (e.job.attempts == 0) return;
                   --retrying_;
                   // Another host's job is not one that this run has left.
                   if (e.elsewhere)
                     --seen_;
                   else
                     ++stopped_;
                 },
                 [&](const event::Adjusted& e) {
                   if (e.kind == event::Adjusted::Kind::cut) ++cuts_;
                 },
                 [&](const event::Starved& e) {
                   forecast_.starved(e);
                   --attempts_;
                   --in_flight_;
                   if (e.job.attempts == 0)
                     --seen_;
                   else
                     ++retrying_;
                 },
                 [&](const event::Paused& e) {
                   paused(e.on, now);
                   forecast_.paused(e, now);
                 },
                 [&](const event::CircuitMoved& e) { forecast_.circuit(e, now); },
                 [](const event::JobsBlamed&) {},
                 [](const event::Changed&) {},
                 [](const event::FleetMoved&) {},
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
  // It was stopped for now: as good as never started.
  if (e.fate == Fate::retry && e.job.attempts == 0) {
    --seen_;
    return;
  }
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
  if (!total_) return {};
  return forecast_.eta(now, *total_ - std::min(*total_, completed()));
}

}  // namespace gentlify
