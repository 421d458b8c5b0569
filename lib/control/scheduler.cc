#include "lib/control/scheduler.h"

#include <algorithm>
#include <utility>

namespace gentlify {

Scheduler::Scheduler(Controller controller, Retry retry, EventSink& sink)
    : controller_(std::move(controller)), retry_(retry), sink_(sink) {}

Step Scheduler::next(TimePoint now) {
  const Step step = decide(now);
  account(step, now);
  return step;
}

Step Scheduler::decide(TimePoint now) {
  if (draining_) return running_.empty() ? Step(Done{}) : Step(Wait{never, Gate::drain});
  const bool retry = retry_due(now);
  const bool may_read = input_open_ && waiting_.size() < max_retries;
  if (!retry && fresh_.empty() && !may_read) {
    if (!waiting_.empty()) return Wait{next_retry(), Gate::retry};
    return running_.empty() ? Step(Done{}) : Step(Wait{never, Gate::none});
  }
  // A retry that kept its slot needs no other one, even where a cut has left fewer than are kept.
  const bool has_slot = retry && retries_.top().held_slot > 0;
  const Admission admission = controller_.next_start(now, has_slot ? running() : in_flight());
  if (admission.at > now) {
    const bool may_bring_slot = held_ > 0 && !retry;
    return Wait{may_bring_slot ? std::min(admission.at, next_retry()) : admission.at,
                admission.gate};
  }
  if (!retry && fresh_.empty()) return NeedInput{next_retry()};
  int slot = 0;
  Job job;
  if (retry) {
    slot = retries_.top().held_slot;
    job = take_retry();
  } else {
    job = std::move(fresh_.front());
    fresh_.pop_front();
  }
  return start(std::move(job), slot > 0 ? slot : slots_.take(), now);
}

Step Scheduler::start(Job job, int slot, TimePoint now) {
  ++job.attempts;
  Attempt attempt;
  attempt.id = AttemptId{++attempts_};
  attempt.job = job.id;
  attempt.started = now;
  attempt.repeat = job.failures + job.overloads > 0;
  attempt.filled_limit = in_flight() + 1 >= controller_.limit();
  controller_.on_start(attempt);
  const JobId id = job.id;
  const Running& running =
      running_.emplace(id, Running{std::move(job), attempt, slot}).first->second;
  sink_.on_event(event::Started{running.job, slot, in_flight()}, now);
  return Start{running.job, slot};
}

void Scheduler::add(Job job, TimePoint now) {
  if (job.defect.empty()) {
    fresh_.push_back(std::move(job));
    return;
  }
  const Outcome outcome{Verdict::permanent, {}, job.defect, {}};
  sink_.on_event(event::Ended{job, outcome, Duration{}, Fate::failed, in_flight()}, now);
}

Fate Scheduler::on_end(JobId id, TimePoint now, const Outcome& outcome) {
  auto node = running_.extract(id);
  Running& running = node.mapped();
  if (outcome.verdict == Verdict::failure) ++running.job.failures;
  if (outcome.verdict == Verdict::overload) ++running.job.overloads;
  if (outcome.verdict == Verdict::stopped) --running.job.attempts;
  const std::optional<Adjustment> moved = controller_.on_end(running.attempt, outcome.verdict, now);
  if (moved) {
    sink_.on_event(event::Adjusted{moved->kind, moved->limit_before, moved->limit,
                                   moved->interval_before, moved->interval, running.job, outcome},
                   now);
  }
  const Duration ran = now - running.attempt.started;
  const Fate fate = settle(running.job, outcome, running.slot, now);
  const Job& job = fate == Fate::retry ? waiting_.at(id) : running.job;
  sink_.on_event(event::Ended{job, outcome, ran, fate, in_flight()}, now);
  return fate;
}

/// Decides the job's fate and gives its slot back, or keeps it for the retry.
Fate Scheduler::settle(Job& job, const Outcome& outcome, int slot, TimePoint now) {
  if (outcome.verdict == Verdict::failure || outcome.verdict == Verdict::overload) {
    const std::optional<Duration> delay = retry_.delay(job, outcome.verdict);
    if (delay && !draining_) {
      const bool hold = retry_.holds_slot();
      if (hold)
        ++held_;
      else
        slots_.give_back(slot);
      retries_.push({later(now, *delay), job.id, hold ? slot : 0});
      waiting_.emplace(job.id, std::move(job));
      return Fate::retry;
    }
    slots_.give_back(slot);
    return delay ? Fate::not_done : Fate::failed;
  }
  slots_.give_back(slot);
  switch (outcome.verdict) {
    case Verdict::success: return Fate::done;
    case Verdict::stopped: return Fate::not_done;
    case Verdict::permanent:
    case Verdict::failure:
    case Verdict::overload: break;
  }
  return Fate::failed;
}

void Scheduler::on_start_failed(JobId id, TimePoint now, int error) {
  auto node = running_.extract(id);
  Running& running = node.mapped();
  --running.job.attempts;
  slots_.give_back(running.slot);
  controller_.on_start_failed(now, in_flight());
  sink_.on_event(event::Starved{running.job, error, controller_.local_cap()}, now);
  if (draining_) {
    sink_.on_event(event::Dropped{running.job}, now);
  } else {
    fresh_.push_front(std::move(running.job));
  }
}

void Scheduler::drain(TimePoint now) {
  if (draining_) return;
  draining_ = true;
  input_open_ = false;
  for (; !retries_.empty(); retries_.pop()) {
    if (retries_.top().held_slot > 0) --held_;
    sink_.on_event(event::Dropped{waiting_.at(retries_.top().id)}, now);
  }
  waiting_.clear();
  for (const Job& job : fresh_) sink_.on_event(event::Dropped{job}, now);
  fresh_.clear();
  sink_.on_event(event::Draining{running()}, now);
}

void Scheduler::set_closed(Gate gate, bool closed, TimePoint now) {
  if (closed == controller_.is_closed(gate)) return;
  controller_.set_closed(gate, closed);
  if (gate == Gate::pause) sink_.on_event(event::Paused{closed}, now);
}

bool Scheduler::retry_due(TimePoint now) const {
  return !retries_.empty() && retries_.top().at <= now;
}

Job Scheduler::take_retry() {
  if (retries_.top().held_slot > 0) --held_;
  auto node = waiting_.extract(retries_.top().id);
  retries_.pop();
  return std::move(node.mapped());
}

/// Adds the time since the last question to the gate that bound then.
void Scheduler::account(const Step& step, TimePoint now) {
  if (gate_ != Gate::none) waited_[static_cast<std::size_t>(gate_)] += now - gate_since_;
  gate_since_ = now;
  if (const auto* wait = std::get_if<Wait>(&step)) {
    gate_ = wait->gate;
  } else if (std::holds_alternative<NeedInput>(step)) {
    gate_ = Gate::input;
  } else {
    gate_ = Gate::none;
  }
}

}  // namespace gentlify
