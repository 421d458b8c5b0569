#include "lib/control/simulation/service.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "lib/core/overloaded.h"

namespace gentlify::sim {

namespace {

/// No knee is looked for beyond so many at once.
constexpr int most_considered = 10'000;

}  // namespace

Service::Service(const Model& model, std::uint64_t seed)
    : model_(model),
      seed_(seed),
      limits_(model.limits, model.ban),
      mean_(seconds(model.duration), model.variation),
      jitter_(1, model.jitter),
      refusal_(seconds(model.refusal), model.refusal_variation),
      room_(std::numeric_limits<int>::max()) {
  if (const auto* knee = std::get_if<Knee>(&model.pace)) room_ = knee->best(most_considered);
}

bool Service::is_broken(JobId job) const {
  return model_.broken > 0 && Random(~mix(seed_, number(job))).uniform(0, 1) < model_.broken;
}

bool Service::start(JobId job, int attempt, TimePoint now) {
  const Ticket ticket = take_ticket(job, attempt, now);
  if (const Outage* outage = model_.outages.at(now)) {
    if (outage->hangs) {
      visits_[ticket].cause = Cause::outage;
    } else {
      refuse(ticket, Cause::outage, now);
    }
    return false;
  }
  if (!limits_.admit(now, active_)) {
    if (model_.signal == Signal::retry_after) {
      visits_[ticket].retry_after = limits_.retry_after(now, active_);
    }
    refuse(ticket, Cause::refused, now);
    return false;
  }
  ++active_;
  Visit& visit = visits_[ticket];
  visit.admitted = true;
  Random own(mix(seed_, number(job)));
  const double work = mean_(own) * jitter_(visit.luck);
  std::visit(Overloaded{[&](Unshared&) { serve_alone(ticket, work, now); },
                        [&](Queue& queue) { serve_from_queue(queue.enter(ticket), now); },
                        [&](Knee& knee) { knee.enter(ticket, work, now); }},
             model_.pace);
  return true;
}

Ticket Service::take_ticket(JobId job, int attempt, TimePoint now) {
  if (free_.empty()) {
    free_.push_back(static_cast<Ticket>(visits_.size()));
    visits_.emplace_back();
  }
  const Ticket ticket = free_.back();
  free_.pop_back();
  Visit& visit = visits_[ticket];
  visit = {};
  visit.job = job;
  visit.serial = ++serials_;
  visit.luck = Random(mix(seed_ + static_cast<std::uint64_t>(attempt), number(job)));
  visit.with_client = visit.here = true;
  visit.broken = is_broken(job);
  if (model_.timeout) {
    timeouts_.push_back({later(now, *model_.timeout), visit.serial, ticket, false});
  }
  return ticket;
}

void Service::plan(Ticket ticket, Duration in, bool served, TimePoint now) {
  due_.push_back({later(now, in), visits_[ticket].serial, ticket, served});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
}

void Service::refuse(Ticket ticket, Cause cause, TimePoint now) {
  Visit& visit = visits_[ticket];
  visit.cause = cause;
  plan(ticket, from_seconds(refusal_(visit.luck)), false, now);
}

void Service::serve_alone(Ticket ticket, double work, TimePoint now) {
  Visit& visit = visits_[ticket];
  visit.cause = fault(visit);
  if (visit.cause == Cause::broken) work *= model_.broken_after;
  if (visit.cause == Cause::noise) work *= visit.luck.uniform(0, 1);
  plan(ticket, from_seconds(work), false, now);
}

void Service::serve_from_queue(std::optional<Ticket> ticket, TimePoint now) {
  if (!ticket) return;
  plan(*ticket, from_seconds(exponential(visits_[*ticket].luck, mean_.mean())), true, now);
}

/// What makes an attempt fail that was admitted.
Cause Service::fault(Visit& visit) const {
  if (visit.broken) return Cause::broken;
  const bool noise = model_.noise > 0 && visit.luck.uniform(0, 1) < model_.noise;
  return noise ? Cause::noise : Cause::none;
}

TimePoint Service::next() {
  const auto visit = [this](const Due& due) -> const Visit* {
    const Visit& v = visits_[due.ticket];
    return v.serial == due.serial ? &v : nullptr;
  };
  while (!due_.empty() && (!visit(due_.front()) || !visit(due_.front())->here)) {
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    due_.pop_back();
  }
  while (!timeouts_.empty() &&
         (!visit(timeouts_.front()) || !visit(timeouts_.front())->with_client)) {
    timeouts_.pop_front();
  }
  TimePoint next = due_.empty() ? never : due_.front().at;
  if (!timeouts_.empty()) next = std::min(next, timeouts_.front().at);
  const auto* knee = std::get_if<Knee>(&model_.pace);
  return knee == nullptr ? next : std::min(next, knee->next());
}

std::optional<Service::Departure> Service::advance(TimePoint now) {
  if (!due_.empty() && due_.front().at <= now) {
    const Due due = due_.front();
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    due_.pop_back();
    if (due.served) return served(due.ticket, now);
    let_go(due.ticket);
    return part(visits_[due.ticket], false);
  }
  auto* knee = std::get_if<Knee>(&model_.pace);
  if (knee != nullptr && knee->next() <= now) {
    const Ticket ticket = knee->finish();
    visits_[ticket].cause = fault(visits_[ticket]);
    let_go(ticket);
    return part(visits_[ticket], false);
  }
  const Ticket ticket = timeouts_.front().ticket;
  timeouts_.pop_front();
  return time_out(ticket, now);
}

/// A server of the queue is done with the attempt and takes the next.
std::optional<Service::Departure> Service::served(Ticket ticket, TimePoint now) {
  serve_from_queue(std::get<Queue>(model_.pace).leave(), now);
  let_go(ticket);
  Visit& visit = visits_[ticket];
  if (!visit.with_client) return {};
  visit.cause = fault(visit);
  return part(visit, false);
}

/// The client hangs up.
Service::Departure Service::time_out(Ticket ticket, TimePoint now) {
  Visit& visit = visits_[ticket];
  auto* knee = std::get_if<Knee>(&model_.pace);
  auto* queue = std::get_if<Queue>(&model_.pace);
  bool zombie = false;
  if (visit.admitted && knee != nullptr) knee->leave(ticket, now);
  if (visit.admitted && queue != nullptr) {
    zombie = queue->zombies();
    if (!zombie && !queue->forget(ticket)) serve_from_queue(queue->leave(), now);
  }
  if (!zombie) let_go(ticket);
  if (visit.cause != Cause::outage) visit.cause = Cause::slow;
  return part(visit, true);
}

/// The attempt ends for its client.
Service::Departure Service::part(Visit& visit, bool timed_out) {
  if (visit.admitted) --active_;
  visit.with_client = false;
  return {visit.job, visit.cause, timed_out, visit.retry_after};
}

/// The attempt ends for the service.
void Service::let_go(Ticket ticket) {
  visits_[ticket].here = false;
  free_.push_back(ticket);
}

TimePoint Service::opens(TimePoint now) {
  const auto* queue = std::get_if<Queue>(&model_.pace);
  if (queue != nullptr && !queue->has_room()) return never;
  if (active_ >= room_) return never;
  TimePoint opens = limits_.opens(now, active_);
  while (const Outage* outage = opens == never ? nullptr : model_.outages.at(opens)) {
    opens = std::max(opens, outage->to);
  }
  return opens;
}

double Service::capacity(TimePoint t, int most) const {
  const double one = 1 / mean_.mean();
  double capacity = most * one;
  if (const auto rate = limits_.rate(t)) capacity = std::min(capacity, *rate);
  if (const auto cap = limits_.cap(t)) capacity = std::min(capacity, *cap * one);
  if (const auto* queue = std::get_if<Queue>(&model_.pace)) {
    capacity = std::min(capacity, queue->servers() * one);
  }
  if (const auto* knee = std::get_if<Knee>(&model_.pace)) {
    capacity = std::min(capacity, knee->speedup(std::min(most, room_)) * one);
  }
  return capacity;
}

}  // namespace gentlify::sim
