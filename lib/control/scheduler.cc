#include "lib/control/scheduler.h"

#include <algorithm>
#include <utility>

namespace gentlify {

Scheduler::Scheduler(Controller controller, Retry retry, EventSink& sink)
    : controller_(std::move(controller)), retry_(retry), sink_(sink) {}

Step Scheduler::next(TimePoint now) {
  if (told_pause_ <= now && told_pause_ != TimePoint{}) tell_changes(now);
  for (;;) {
    opens_ = never;
    if (const std::optional<Step> step = decide(now)) {
      account(*step, now);
      return *step;
    }
  }
}

std::optional<Step> Scheduler::decide(TimePoint now) {
  if (draining_) {
    return running_.empty() && fallen_.empty() ? Step(Done{}) : Step(Wait{never, Gate::drain});
  }
  if (has_passing()) return decide_passing(now);
  bool retry = retry_due(now);
  if (!retry && fresh_.empty() && !may_read()) return wait_for_the_rest();
  if (retry && first_retry().held_slot == 0 && controller_.wants_untried()) {
    if (!fresh_.empty()) {
      retry = false;
    } else if (may_read() && !asked_for_untried_) {
      // One that is there already is taken, but none is waited for.
      asked_for_untried_ = true;
      return NeedInput{now};
    }
  }
  const Admission admission = ask(retry, now);
  if (admission.at > now) {
    // What a closed gate holds back must exist: with nothing left the run is over, and the fleet is
    // asked for nothing that is not there.
    if (!retry && fresh_.empty() && (running_.empty() || admission.gate == Gate::fleet)) {
      return NeedInput{next_retry()};
    }
    opens_ = admission.at;
    return wait_for(admission, now);
  }
  if (!retry && fresh_.empty()) return NeedInput{next_retry()};
  return admit(retry ? take_retry(retries_.begin()->second) : take_fresh(), now);
}

/// For the gate, unless something else comes before.
Step Scheduler::wait_for(const Admission& admission, TimePoint now) const {
  // A retry that comes due goes first: it may bring its slot, or cost less.
  const TimePoint due = retry_due(now) ? never : next_retry();
  return Wait{std::min(admission.at, due), admission.gate};
}

/// A job waits that is let through the gate that holds all others.
bool Scheduler::has_passing() const {
  if (!controller_.is_closed(Gate::output)) return false;
  return waiting_.contains(passing_.id) || (!fresh_.empty() && fresh_.front().id == passing_.id);
}

std::optional<Step> Scheduler::decide_passing(TimePoint now) {
  const auto retry = waiting_.find(passing_.id);
  const bool fresh = retry == waiting_.end();
  if (!fresh && retry->second.at > now) return Wait{retry->second.at, Gate::output};
  // Those that cannot go on before this one has are as good as none.
  const int others = passing_.beyond_limit                   ? 0
                     : !fresh && retry->second.held_slot > 0 ? beside(running())
                                                             : beside(in_flight());
  const Cost cost = fresh ? fresh_.front().cost : retry->second.job.cost;
  const Admission admission = controller_.next_start(now, others, cost, true);
  if (admission.at > now) {
    opens_ = admission.at;
    return Wait{admission.at, admission.gate};
  }
  return admit(fresh ? take_fresh() : take_retry(passing_.id), now);
}

std::optional<Step> Scheduler::admit(Taken taken, TimePoint now) {
  if (controller_.refused()) {
    refuse(std::move(taken), now);
    return {};
  }
  const int slot = taken.second > 0 ? taken.second : slots_.take();
  return start(std::move(taken.first), slot, now);
}

/// No job is left that could start now.
Step Scheduler::wait_for_the_rest() const {
  if (!waiting_.empty()) return Wait{next_retry(), Gate::retry};
  return running_.empty() && fallen_.empty() ? Step(Done{}) : Step(Wait{never, Gate::none});
}

/// When the next job, a retry or a fresh one, may start.
Admission Scheduler::ask(bool retry, TimePoint now) {
  // A retry that kept its slot needs no other one, even where a cut has left fewer than are kept.
  const bool keeps = retry && first_retry().held_slot > 0;
  const int all = keeps ? running() : in_flight();
  const Cost fresh = fresh_.empty() ? 0 : fresh_.front().cost;
  const Cost cost = retry ? first_retry().job.cost : fresh;
  return controller_.next_start(now, beside(all), cost, false, all - beside(all));
}

/// What counts as in flight where the next one is to start.
int Scheduler::beside(int in_flight) const {
  return running() == unkillable_ ? in_flight - unkillable_ : in_flight;
}

/// Fails the job whose turn it is without a start, since the circuit is open.
void Scheduler::refuse(Taken&& taken, TimePoint now) {
  asked_for_untried_ = false;
  if (taken.second > 0) slots_.give_back(taken.second);
  controller_.on_settled(taken.first.id);
  fail_unattempted(std::move(taken.first), {Verdict::failure, {}, "circuit open", {}}, now);
}

void Scheduler::fail_unattempted(Job job, const Outcome& outcome, TimePoint now) {
  const auto tell = [&](const Job& failed, Fate fate) {
    sink_.on_event(event::Ended{failed, outcome, Duration{}, fate, in_flight(), false}, now);
  };
  if (!has_fallback_) return tell(job, Fate::failed);
  const JobId id = job.id;
  tell(fallen_.emplace(id, Fallen{std::move(job), outcome}).first->second.job, Fate::fallback);
}

Step Scheduler::start(Job job, int slot, TimePoint now) {
  asked_for_untried_ = false;
  ++job.attempts;
  Attempt attempt;
  attempt.id = AttemptId{++attempts_};
  attempt.job = job.id;
  attempt.started = now;
  attempt.cost = job.cost;
  attempt.max_attempts = job.own ? job.own->max_attempts : 0;
  attempt.in_flight = in_flight() + 1;
  attempt.repeat = job.failures + job.overloads > 0;
  attempt.filled_limit = attempt.in_flight >= controller_.limit();
  controller_.on_start(attempt);
  const JobId id = job.id;
  const Duration waited = held_since_ == never ? Duration{} : now - held_since_;
  // No gate of the controller: the delay of a retry, or the input.
  const bool elsewhere = attempt.waited_for == Gate::none && waited > Duration{};
  const Gate gate = elsewhere ? waiting_for_.gate : attempt.waited_for;
  held_since_ = never;
  const Running& running =
      running_.emplace(id, Running{std::move(job), attempt, slot, waited, gate}).first->second;
  sink_.on_event(event::Started{running.job, slot, in_flight(), limit(), controller_.spacing(),
                                controller_.share(running.job.cost), running.attempt.waited_for},
                 now);
  return Start{running.job, slot};
}

void Scheduler::add(Job job, TimePoint now) {
  if (job.defect.empty()) job.defect = controller_.misfit(job.cost);
  if (job.defect.empty()) {
    fresh_.push_back(std::move(job));
    return;
  }
  const Outcome outcome{Verdict::permanent, {}, job.defect, {}};
  fail_unattempted(std::move(job), outcome, now);
}

Fate Scheduler::on_end(JobId id, TimePoint now, const Outcome& outcome) {
  auto node = running_.extract(id);
  Running& running = node.mapped();
  const Ruling ruling = controller_.on_end(running.attempt, outcome, now);
  if (ruling.moved) {
    sink_.on_event(event::Adjusted{ruling.moved->kind, ruling.moved->limit_before,
                                   ruling.moved->limit, ruling.moved->interval_before,
                                   ruling.moved->interval, running.job, outcome},
                   now);
  }
  tell_changes(now);
  const std::optional<Duration> delay = retry_delay(running.job, outcome, ruling);
  const Duration ran = now - running.attempt.started;
  const Fate fate = settle(running.job, outcome.verdict, delay, running.slot, now);
  if (fate != Fate::retry && fate != Fate::done) controller_.on_settled(id);
  if (fate == Fate::fallback) fallen_.emplace(id, Fallen{std::move(running.job), outcome});
  const Job& job = fate == Fate::retry      ? waiting_.at(id).job
                   : fate == Fate::fallback ? fallen_.at(id).job
                                            : running.job;
  sink_.on_event(
      event::Ended{job, outcome, ran, fate, in_flight(), true, running.waited, running.gate}, now);
  return fate;
}

Fate Scheduler::on_fallback_end(JobId id, TimePoint now, const Outcome& outcome, Duration ran) {
  auto node = fallen_.extract(id);
  Fallen& fallen = node.mapped();
  const bool saved = outcome.verdict == Verdict::success;
  const bool stopped = outcome.verdict == Verdict::stopped;
  const Fate fate = saved ? Fate::done : stopped ? Fate::not_done : Fate::failed;
  // What the job failed with is its outcome, unless it is another one now.
  Outcome& told = fallen.outcome;
  told.reason += (saved ? " (but its fallback: " : " (and its fallback: ") + outcome.reason + ')';
  if (fate != Fate::failed) {
    told.verdict = outcome.verdict;
    told.exit = outcome.exit;
  }
  sink_.on_event(
      event::Ended{fallen.job, told, ran, fate, in_flight(), false, Duration{}, Gate::none, true},
      now);
  return fate;
}

/// Charges a failed attempt to the job or to the service, and says how long its retry waits.
std::optional<Duration> Scheduler::retry_delay(Job& job, const Outcome& outcome,
                                               const Ruling& ruling) {
  const bool said = outcome.verdict == Verdict::overload;
  if (outcome.verdict == Verdict::stopped) {
    --job.attempts;
    if (outcome.again) return Duration{};
  }
  if (!said && outcome.verdict != Verdict::failure) return {};
  const Account account = ruling.account.value_or(said ? Account::service : Account::job);
  ++(account == Account::job ? job.failures : job.overloads);
  std::optional<Duration> backoff = retry_.delay(job, account);
  if (!backoff && !said && account == Account::service) {
    // The service's allowance is used up, and the job has one of its own.
    --job.overloads;
    ++job.failures;
    backoff = retry_.delay(job, Account::job);
  }
  if (!backoff || ruling.give_up || (!said && retry_.once(job))) return {};
  return ruling.delay ? ruling.delay : backoff;
}

/// Gives the slot of a job that ended back, or keeps it for the retry.
Fate Scheduler::settle(Job& job, Verdict verdict, std::optional<Duration> delay, int slot,
                       TimePoint now) {
  if (delay && !draining_) {
    const bool hold = retry_.holds_slot();
    if (hold)
      ++held_;
    else
      slots_.give_back(slot);
    const TimePoint at = later(now, *delay);
    const JobId id = job.id;
    retries_.emplace(at, id);
    waiting_.emplace(id, Waiting{std::move(job), at, hold ? slot : 0});
    return Fate::retry;
  }
  slots_.give_back(slot);
  if (verdict == Verdict::success) return Fate::done;
  if (delay || verdict == Verdict::stopped) return Fate::not_done;
  return has_fallback_ ? Fate::fallback : Fate::failed;
}

/// Tells of gates that have opened or closed since they were told of last.
void Scheduler::tell_changes(TimePoint now) {
  const TimePoint pause =
      controller_.pause().until() > now ? controller_.pause().until() : TimePoint{};
  if (pause != told_pause_) {
    told_pause_ = pause;
    const bool by_hand = controller_.pause().is_held(now);
    sink_.on_event(event::Paused{pause != TimePoint{}, pause, by_hand}, now);
  }
  const CircuitBreaker& circuit = controller_.circuit();
  const bool open = circuit.state() == Circuit::open;
  if (open ? told_open_until_ != circuit.open_until()
           : circuit.state() == Circuit::closed && told_circuit_ != Circuit::closed) {
    const bool again = told_circuit_ != Circuit::closed;
    told_circuit_ = circuit.state();
    told_open_until_ = circuit.open_until();
    sink_.on_event(
        event::CircuitMoved{open, open && again, circuit.open_until(), circuit.failures()}, now);
  }
  if (told_blame_ != controller_.blames_jobs()) {
    told_blame_ = controller_.blames_jobs();
    sink_.on_event(event::JobsBlamed{told_blame_}, now);
  }
}

void Scheduler::on_start_failed(JobId id, TimePoint now, int error) {
  auto node = running_.extract(id);
  Running& running = node.mapped();
  --running.job.attempts;
  slots_.give_back(running.slot);
  controller_.on_start_failed(running.attempt, now, in_flight());
  sink_.on_event(event::Starved{running.job, error, controller_.local_cap()}, now);
  if (draining_) {
    sink_.on_event(event::Dropped{running.job}, now);
  } else {
    // Before those that were never tried, in the order of their numbers.
    const auto place = std::find_if(fresh_.begin(), fresh_.end(),
                                    [&](const Job& job) { return job.id > running.job.id; });
    fresh_.insert(place, std::move(running.job));
  }
}

bool Scheduler::withdraw(JobId id, TimePoint now) {
  Taken taken;
  const auto fresh =
      std::find_if(fresh_.begin(), fresh_.end(), [&](const Job& job) { return job.id == id; });
  if (fresh != fresh_.end()) {
    taken.first = std::move(*fresh);
    fresh_.erase(fresh);
  } else if (waiting_.contains(id)) {
    taken = take_retry(id);
  } else {
    return false;
  }
  if (taken.second > 0) slots_.give_back(taken.second);
  controller_.on_settled(id);
  sink_.on_event(event::Dropped{taken.first, true}, now);
  return true;
}

void Scheduler::drain(TimePoint now) {
  if (draining_) return;
  draining_ = true;
  input_open_ = false;
  for (const auto& [at, id] : retries_) {
    const Waiting& waiting = waiting_.at(id);
    if (waiting.held_slot > 0) --held_;
    sink_.on_event(event::Dropped{waiting.job}, now);
  }
  retries_.clear();
  waiting_.clear();
  for (const Job& job : fresh_) sink_.on_event(event::Dropped{job}, now);
  fresh_.clear();
  sink_.on_event(event::Draining{running()}, now);
}

void Scheduler::pause(TimePoint until, TimePoint now) {
  controller_.hold(until);
  tell_changes(now);
}

void Scheduler::set_closed(Gate gate, bool closed, TimePoint now) {
  controller_.set_closed(gate, closed);
  tell_changes(now);
}

void Scheduler::set_max_concurrency(int max, const event::Changed& change, TimePoint now) {
  controller_.set_max_concurrency(max);
  sink_.on_event(change, now);
}

void Scheduler::set_rate(const std::optional<Pacer::Settings>& pacer, const event::Changed& change,
                         TimePoint now) {
  controller_.set_rate(pacer, now);
  sink_.on_event(change, now);
}

void Scheduler::set_budget(Rate limit, const event::Changed& change, TimePoint now) {
  controller_.set_budget(limit);
  sink_.on_event(change, now);
}

std::vector<Scheduler::InFlight> Scheduler::in_flight_jobs() const {
  std::vector<const Running*> running;
  running.reserve(running_.size());
  for (const auto& [id, one] : running_) running.push_back(&one);
  std::sort(running.begin(), running.end(),
            [](const Running* a, const Running* b) { return a->attempt.id < b->attempt.id; });
  std::vector<InFlight> jobs;
  jobs.reserve(running.size());
  for (const Running* one : running) jobs.push_back({one->job, one->slot, one->attempt.started});
  return jobs;
}

Scheduler::Taken Scheduler::take_fresh() {
  Taken taken{std::move(fresh_.front()), 0};
  fresh_.pop_front();
  return taken;
}

Scheduler::Taken Scheduler::take_retry(JobId id) {
  Waiting waiting = std::move(waiting_.extract(id).mapped());
  retries_.erase({waiting.at, id});
  if (waiting.held_slot > 0) --held_;
  return {std::move(waiting.job), waiting.held_slot};
}

int Scheduler::wanted(TimePoint now) const {
  // A start that is due in a moment is worth to be asked for now.
  constexpr Duration moment = std::chrono::milliseconds(20);
  if (draining_ || controller_.but_for_fleet().at > later(now, moment)) return 0;
  const int room = std::max(0, limit() - beside(in_flight()));
  std::size_t work = fresh_.size();
  for (auto retry = retries_.begin(); retry != retries_.end() && retry->first <= now; ++retry) {
    if (++work >= static_cast<std::size_t>(room)) break;
  }
  const bool more_may_come = may_read() && !fresh_.empty();
  return more_may_come ? room : static_cast<int>(std::min(work, static_cast<std::size_t>(room)));
}

/// Adds the time since the last question to the gate that bound then.
void Scheduler::account(const Step& step, TimePoint now) {
  if (waiting_for_.gate != Gate::none) {
    waited_[static_cast<std::size_t>(waiting_for_.gate)] += now - gate_since_;
  }
  gate_since_ = now;
  if (const auto* wait = std::get_if<Wait>(&step)) {
    waiting_for_ = {wait->gate == Gate::retry ? wait->until : opens_, wait->gate};
  } else if (std::holds_alternative<NeedInput>(step)) {
    waiting_for_ = {never, Gate::input};
  } else {
    waiting_for_ = {};
  }
  if (waiting_for_.gate != Gate::none) held_since_ = std::min(held_since_, now);
}

}  // namespace gentlify
