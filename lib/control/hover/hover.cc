#include "lib/control/hover/hover.h"

#include <algorithm>
#include <cmath>

namespace gentlify {

using namespace std::chrono_literals;
using hover::Knob;

namespace {

/// A cut takes no more than this share.
constexpr double deepest_cut = 0.5;
/// Never slower than one start in this time: slower than that is the circuit's business.
constexpr Duration slowest = 10s;
/// ... and in this time until a retry has gone through: before that it may well be the jobs.
constexpr Duration slowest_at_first = 1s;
/// Nothing has worked for so long: then it is no outage.
constexpr Duration dead_after = 60s;
/// Where a cut had to stop above what was accepted, less evidence is enough for the next one.
constexpr int successes_to_believe = 5;
/// Time without a failure after which past ones do not hold back.
constexpr Duration calm_after = 10s;
constexpr int pace = 4;
/// The average duration of so many successes is worth something.
constexpr int enough_successes = 5;
/// Below this a timer costs more than spreading starts brings.
constexpr Duration least_spread = 1ms;

}  // namespace

Hover::Hover(const Bounds& bounds, const Settings& settings, std::uint64_t seed)
    : bounds_(bounds), settings_(settings), random_(seed) {
  knobs_.ramp = bounds.initial_concurrency;
}

int Hover::limit() const {
  const double most = bounds_.max_concurrency;
  const double slots = std::min({std::floor(knobs_.slots.value() + 0.5), knobs_.ramp, most});
  return std::max(bounds_.min_concurrency, static_cast<int>(slots));
}

/// Where a ceiling is known the ramp is over and stands at the cap: it moves with that.
void Hover::set_max_concurrency(int max) {
  for (Knobs* knobs : {&knobs_, &before_cut_}) {
    const bool over = knobs->slots.known() && knobs->ramp >= bounds_.max_concurrency;
    knobs->ramp = over ? max : std::min<double>(knobs->ramp, max);
  }
  bounds_.cap(max);
}

double Hover::rate() const {
  const double most =
      bounds_.min_interval > 0s ? 1 / seconds(bounds_.min_interval) : Knob::unlimited;
  return std::min(knobs_.rate.value(), most);
}

Duration Hover::interval() const {
  return rate() < Knob::unlimited ? from_seconds(1 / rate()) : 0ns;
}

Admission Hover::next_start(TimePoint now, int in_flight) {
  if (in_flight + held_.count(now) >= limit()) return {held_.next_free(), Gate::slots};
  TimePoint due = next_start_;
  if (last_started_ != AttemptId{}) due = std::max(due, later(last_start_, bounds_.min_interval));
  if (due > now) {
    rate_waited_ = true;
    return {due, Gate::interval};
  }
  const TimePoint spread_out = later(last_start_, spread());
  if (spread_out > now) rate_waited_ = false;
  return {spread_out, Gate::interval};
}

/// Starts are spread: at most `pace` times the limit in the time that one takes.
Duration Hover::spread() const {
  if (successes_ < enough_successes) return 0ns;
  const Duration apart = average() / (pace * limit());
  return apart < least_spread ? 0ns : apart;
}

void Hover::on_start(const Attempt& attempt) {
  const TimePoint now = attempt.started;
  last_started_ = attempt.id;
  last_start_ = now;
  prefers_untried_ = random_.uniform(0, 1) < 0.5;
  if (last_success_ == never) last_success_ = now;
  Seen seen;
  seen.started = now;
  seen.in_flight = attempt.in_flight;
  seen.slots_bound = attempt.in_flight + held_.count(now) >= limit();
  seen.rate_bound = rate_waited_ && attempt.waited_for == Gate::interval;
  seen.slots_tested = seen.slots_bound && knobs_.slots.testing();
  seen.rate_tested = seen.rate_bound && knobs_.rate.testing();
  seen.doubtful = doubts_ > 0;
  seen.repeat = attempt.repeat;
  seen.cohort = must_pay_.start(attempt.in_flight);
  rate_waited_ = false;
  in_flight_.emplace_hint(in_flight_.end(), attempt.id, seen);
  starts_.add(attempt);
  const double r = rate();
  if (r == Knob::unlimited) return;
  // GCRA with half a start of tolerance.
  next_start_ = std::max(next_start_, now - from_seconds(0.5 / r)) + from_seconds(1 / r);
}

Ruling Hover::on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
                     TimePoint now) {
  const Seen seen = in_flight_.extract(attempt.id).mapped();
  const Position before = position();
  circuit_ = circuit.after;
  Ruling ruling;
  if (outcome.verdict == Verdict::success) {
    success(attempt, seen, circuit, now);
  } else {
    ruling = failure(attempt, seen, outcome, circuit, now);
  }
  // A circuit that closes begins with few: that is no new cut.
  using Kind = event::Adjusted::Kind;
  ruling.moved = moved_from(before, circuit.closed() ? Kind::ramp : Kind::cut);
  return ruling;
}

std::optional<Adjustment> Hover::on_job_fault(const Attempt& attempt, TimePoint now) {
  const Seen seen = in_flight_.extract(attempt.id).mapped();
  const Position before = position();
  must_pay_.failed(seen.cohort, attempt.in_flight);
  if (!attempt.repeat) suspicion_.job_settled(true);
  count_duration(now - seen.started);
  grow(seen, now);
  return moved_from(before, event::Adjusted::Kind::ramp);
}

Hover::Position Hover::position() const {
  const double ceiling = knobs_.rate.ceiling();
  return {limit(), ceiling < Knob::unlimited ? from_seconds(1 / ceiling) : 0ns};
}

/// Growth of the rate is told by its ceilings: it moves with each success.
std::optional<Adjustment> Hover::moved_from(const Position& before,
                                            event::Adjusted::Kind less) const {
  const Position now = position();
  if (now.limit == before.limit && now.interval == before.interval) return {};
  const bool is_less = now.limit < before.limit || now.interval > before.interval;
  return Adjustment{is_less ? less : event::Adjusted::Kind::ramp, before.limit, now.limit,
                    before.interval, now.interval};
}

void Hover::forget(const Attempt& attempt) {
  const auto node = in_flight_.extract(attempt.id);
  must_pay_.failed(node.mapped().cohort, attempt.in_flight);
}

void Hover::start_over() {
  const int slots = std::max(limit(), bounds_.initial_concurrency);
  knobs_ = {};
  knobs_.ramp = slots;
  next_start_ = {};
  trial_.drop();
  settle();
}

void Hover::success(const Attempt& attempt, const Seen& seen, CircuitMove circuit, TimePoint now) {
  const Duration took = now - seen.started;
  count_duration(took);
  last_success_start_ = std::max(last_success_start_, seen.started);
  last_success_ = now;
  if (seen.repeat) {
    retry_worked_ = true;
    recent_.retry(true);
  } else {
    recent_.first_try(true);
  }
  suspicion_.success();
  suspicion_.job_settled(false);
  if (trial_.retried(attempt.job, false, go_through())) take_back();
  if (!seen.repeat && !seen.past_ceiling()) {
    first_try(attempt.id, false);
  }
  if (suspicion_.none()) episode_ = {};
  on_settled(attempt.job);
  guilt_.accepted(seen.started, seen.in_flight, trouble_ && attempt.id >= trouble_begin_, now);
  if (trouble_ && suspicion_.none() && now - last_failure_ > std::max(2s + 0ns, 2 * average())) {
    trouble_ = false;
  }
  if (circuit.closed()) return circuit_closed(now);
  if (circuit.after != Circuit::closed || attempt.id <= last_stale_) return;
  const auto running = [&](hover::MustPay::Cohort cohort) {
    double sum = 0;
    for (const auto& [id, other] : in_flight_) {
      if (other.cohort == cohort) sum += seconds(now - other.started);
    }
    return sum;
  };
  if (const auto ceiling = must_pay_.success(seen.cohort, seen.in_flight, took, running)) {
    knobs_.slots.set_ceiling(*ceiling, Knob::Why::no_use, now);
    knobs_.ramp = bounds_.max_concurrency;
    new_generation();
  }
  grow(seen, now);
}

void Hover::count_duration(Duration took) {
  successes_ = std::min(successes_ + 1, 20);
  average_ += (seconds(took) - average_) / successes_;
}

/// A knob grows on the successes that it held up.
void Hover::grow(const Seen& seen, TimePoint now) {
  if (seen.slots_bound && knobs_.ramp < bounds_.max_concurrency &&
      (suspicion_.moderate() || calm(now))) {
    knobs_.ramp += 1;
  }
  if (doubts_ > 0) --doubts_;
  if (seen.rate_bound) {
    knobs_.rate.advance(now, calm(now), in_flight_.size());
  } else if (seen.slots_bound) {
    knobs_.slots.advance(now, calm(now), in_flight_.size());
  }
}

Ruling Hover::failure(const Attempt& attempt, const Seen& seen, const Outcome& outcome,
                      CircuitMove circuit, TimePoint now) {
  const bool said = outcome.verdict == Verdict::overload;
  const bool stale = attempt.id <= last_stale_;
  const bool closed_before = circuit.before == Circuit::closed;
  const bool first = !jobs_.has_failed(attempt.job);
  const bool goes_through = closed_before && recent_.first_tries_go_through();
  must_pay_.failed(seen.cohort, attempt.in_flight);
  starts_.refused(attempt.id);
  overload_said_ = overload_said_ || said;
  last_failure_ = now;
  if (first) {
    recent_.first_try(false);
  } else {
    recent_.retry(false);
  }
  if (trial_.retried(attempt.job, true, go_through())) take_back();
  if (first && closed_before && !seen.past_ceiling()) {
    first_try(attempt.id, true);
  }
  hover::JobRecords::Record record;
  if (said) {
    jobs_.refused(attempt.job, now);
  } else {
    record = jobs_.failed(attempt.job, !closed_before || stale, last_success_start_, now);
    suspicion_.suspects(jobs_.suspects());
  }
  if (circuit.opened() || circuit.reopened()) {
    circuit_opened(circuit, stale);
  } else if (circuit.closed()) {
    circuit_closed(now);
  } else if (closed_before && !stale && overloaded(attempt, seen, outcome, now)) {
    cut(seen, outcome, now);
  }
  if (stale || suspicion_.suspected() || circuit_ != Circuit::closed) hold_slot(seen, now);
  if (said) {
    Ruling ruling;
    ruling.account = Account::service;
    ruling.delay = outcome.retry_after.value_or(
        from_seconds(random_.uniform(0, 0.5 * seconds(settings_.base_delay))));
    return ruling;
  }
  const Ruling ruling = rule(attempt, record, goes_through, now);
  if (ruling.give_up && closed_before && !stale && !suspicion_.suspected()) grow(seen, now);
  return ruling;
}

/// Of a plain failure: whose it is, and whether the job is given up.
Ruling Hover::rule(const Attempt& attempt, const hover::JobRecords::Record& record,
                   bool goes_through, TimePoint now) {
  const int allowed = attempt.max_attempts > 0 ? attempt.max_attempts : settings_.max_attempts;
  const bool broken = hover::JobRecords::is_broken(record, allowed, goes_through, overload_said_);
  const bool dead =
      hover::JobRecords::is_hopeless(record, allowed) && now - last_success_ > dead_after;
  Ruling ruling;
  ruling.give_up = broken || dead || allowed == 1;
  const bool charged = record.charged > 0 && record.charged < allowed;
  ruling.account = charged || ruling.give_up ? Account::job : Account::service;
  if (ruling.give_up) suspicion_.job_settled(true);
  return ruling;
}

/// A quick failure keeps its slot as long as an average success would.
void Hover::hold_slot(const Seen& seen, TimePoint now) {
  const Duration usual = successes_ > 0 ? average() : Duration(1s);
  if (now - seen.started < usual) held_.hold(later(seen.started, usual));
}

/// Counts a failure; true where the evidence is enough.
bool Hover::overloaded(const Attempt& attempt, const Seen& seen, const Outcome& outcome,
                       TimePoint now) {
  const bool said = outcome.verdict == Verdict::overload;
  const bool first = !seen.repeat;
  if (!said) episode_.jobs.push_back(attempt.job);
  if (!trouble_) {
    trouble_ = true;
    trouble_begin_ = attempt.id;
    trouble_since_ = seen.started;
    guilt_.clear();
  }
  guilt_.refused(seen.started, seen.in_flight, first || said);
  for (auto other = in_flight_.upper_bound(attempt.id); other != in_flight_.end(); ++other) {
    --other->second.in_flight;
  }
  if (said) {
    suspicion_.said();
  } else if (!overload_said_ && (first || recent_.retries_go_through())) {
    suspicion_.failure(attempt.job);
  } else {
    suspicion_.strike(attempt.job);
  }
  ++episode_.failures;
  if (!seen.past_ceiling()) ++episode_.below;
  if (outcome.timed_out || (successes_ > 0 && now - seen.started > 2 * average())) ++episode_.late;
  return suspicion_.declared(seen.past_ceiling());
}

void Hover::cut(const Seen& seen, const Outcome& outcome, TimePoint now) {
  if (outcome.verdict != Verdict::overload) {
    before_cut_ = knobs_;
    trial_.begin(last_started_, episode_.jobs);
  }
  const bool late = episode_.is_late();
  if (outcome.retry_after || limit() < 2 || (!late && guilt_.rate_is_guilty(seen.in_flight))) {
    cut_rate(seen, now);
  } else {
    cut_slots(seen, now);
  }
  trouble_begin_ = AttemptId{static_cast<std::uint64_t>(last_started_) + 1};
  trouble_since_ = now;
  guilt_.clear();
  settle();
}

void Hover::cut_rate(const Seen& seen, TimePoint now) {
  const double accepted =
      starts_.accepted(now, trouble_ ? trouble_since_ : never, suspicion_.broken_share());
  const double before = rate();
  const double old = knobs_.rate.ceiling();
  double ceiling = accepted;
  if (before < Knob::unlimited) {
    ceiling = std::max(deepest_cut * before, std::min(before, accepted));
  }
  ceiling = std::max(ceiling, 1 / seconds(longest_interval()));
  // The test failed: what was known still stands, unless some failed below it, too.
  const bool stands = episode_.below == 0 || accepted > old;
  if (seen.rate_tested && stands && accepted > 0.8 * old && accepted < 1.2 * old) ceiling = old;
  const auto why = seen.rate_tested ? Knob::Why::test_failed : Knob::Why::refused;
  knobs_.rate.set_ceiling(ceiling, why, now);
  doubts_ = ceiling > 1.2 * accepted ? successes_to_believe : 0;
  next_start_ = std::max(now, std::min(next_start_, now + from_seconds(1 / rate())));
}

Duration Hover::longest_interval() const {
  const Duration longest = retry_worked_ || overload_said_ ? slowest : slowest_at_first;
  return bounds_.max_interval > 0s ? std::min(longest, bounds_.max_interval) : longest;
}

void Hover::cut_slots(const Seen& seen, TimePoint now) {
  const bool late = episode_.is_late();
  const double before = limit();
  const auto alive = static_cast<double>(in_flight_.size());
  const double least = std::floor(deepest_cut * before);
  const double ceiling = std::max(1.0, late ? least : std::max(least, std::min(before - 1, alive)));
  const auto why = late                ? Knob::Why::no_use
                   : seen.slots_tested ? Knob::Why::test_failed
                                       : Knob::Why::refused;
  knobs_.slots.set_ceiling(ceiling, why, now);
  knobs_.ramp = bounds_.max_concurrency;
  must_pay_.cut(ceiling);
}

/// Below every ceiling it tells how many jobs fail anyway.
void Hover::first_try(AttemptId id, bool failed) {
  const std::optional<double> share = trial_.first_try(id, failed);
  if (!share) return;
  take_back();
  suspicion_.expect(*share);
}

void Hover::take_back() {
  // What has grown beyond where it was meanwhile stays.
  if (before_cut_.slots.value() > knobs_.slots.value()) knobs_.slots = before_cut_.slots;
  if (before_cut_.rate.value() > knobs_.rate.value()) knobs_.rate = before_cut_.rate;
  knobs_.ramp = std::max(knobs_.ramp, before_cut_.ramp);
  suspicion_.clear();
}

/// Quick refusals: the service is away. Time-outs: it is swamped, so the slots are halved as well.
void Hover::circuit_opened(CircuitMove circuit, bool stale) {
  if (circuit.opened()) {
    trial_.drop();
    if (episode_.is_late() && !stale) {
      knobs_.slots.set_ceiling(std::max(1.0, std::floor(deepest_cut * limit())), Knob::Why::no_use,
                               last_failure_);
    }
  }
  settle();
}

void Hover::circuit_closed(TimePoint now) {
  recent_.clear();
  trouble_ = false;
  knobs_.slots.stop_testing();
  knobs_.rate.stop_testing();
  knobs_.ramp = std::min(knobs_.ramp, 2.0);
  next_start_ = now;
  new_generation();
}

void Hover::settle() {
  episode_ = {};
  suspicion_.clear();
  new_generation();
}

void Hover::new_generation() {
  last_stale_ = last_started_;
  must_pay_.new_generation();
}

bool Hover::go_through() const {
  return circuit_ == Circuit::closed && recent_.first_tries_go_through();
}

bool Hover::calm(TimePoint now) const {
  return suspicion_.little() || now - last_failure_ > std::max(Duration(calm_after), 2 * average());
}

Duration Hover::average() const {
  return from_seconds(average_);
}

}  // namespace gentlify
