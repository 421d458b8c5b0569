#include "lib/control/controller.h"

#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

Duration time_for(Cost cost, const Rate& rate) {
  const double each = seconds(rate.period) / static_cast<double>(rate.amount);
  return from_seconds(std::min(static_cast<double>(cost) * each, 1e9));
}

}  // namespace

std::string Controller::misfit(Cost cost) const {
  std::string limit;
  const auto refuse_by_rate = [&](Cost most) {
    limit = "rate never lets more than " + std::to_string(most) + " through at once";
  };
  if (pacer_ && !pacer_->fits(cost)) refuse_by_rate(pacer_->most());
  if (permits_ != nullptr && !permits_->fits_rate(cost)) refuse_by_rate(permits_->most_by_rate());
  if (const TokenBudget* tokens = budget(); tokens != nullptr && !tokens->fits(cost)) {
    const Rate& most = tokens->limit();
    limit = "token budget is " + std::to_string(most.amount) + " in " + human(most.period);
  }
  return limit.empty() ? limit : "it costs " + std::to_string(cost) + ", and the " + limit;
}

Admission Controller::next_start(TimePoint now, int in_flight, Cost cost, bool past_output,
                                 int stuck) {
  const bool blocked = is_closed(Gate::output) && !past_output;
  Admission admission{blocked ? never : now, Gate::output};
  admission = binding(admission, pause_.next_start());
  if (pacer_) admission = binding(admission, pacer_->next_start(cost));
  if (budget_) admission = binding(admission, budget_->next_start(cost));
  const Admission circuit = circuit_.next_start(now);
  const Admission after = binding(law_->next_start(now, in_flight), admit_here(now, in_flight));
  if (!circuit_.refuses()) admission = binding(admission, circuit);
  admission = binding(admission, after);
  but_for_fleet_ = admission;
  // It is asked last of all; and what fails without a start needs no place.
  if (permits_ != nullptr && !circuit_.refuses() && admission.at <= now) {
    admission = binding(admission, permits_->next_start(now, in_flight + stuck, cost));
  }
  refused_ = circuit_.refuses() && admission.at <= now;
  if (admission.at > now) waited_for_ = admission.gate;
  return admission;
}

/// With nothing in flight no load is ours, and to wait for others to end theirs could take for
/// ever.
Admission Controller::admit_here(TimePoint now, int in_flight) {
  Admission admission = local_.next_start(now, in_flight);
  for (const Gate gate : {Gate::load, Gate::memory}) {
    if (in_flight > 0 && is_closed(gate)) admission = binding(admission, {never, gate});
  }
  return admission;
}

void Controller::on_start(Attempt& attempt) {
  attempt.waited_for = std::exchange(waited_for_, Gate::none);
  if (pacer_) pacer_->on_start(attempt.started, attempt.cost);
  if (budget_) budget_->on_start(attempt);
  if (permits_ != nullptr) permits_->on_start(attempt.started, attempt.cost);
  circuit_.on_start(attempt);
  law_->on_start(attempt);
}

Ruling Controller::on_end(const Attempt& attempt, const Outcome& outcome, TimePoint now) {
  if (budget_) budget_->on_end(attempt, outcome.cost, now);
  if (outcome.retry_after) pause_.extend(later(now, *outcome.retry_after));
  if (outcome.verdict == Verdict::permanent || outcome.verdict == Verdict::stopped) {
    circuit_.forget(attempt);
    law_->forget(attempt);
    return {};
  }
  if (blame_.on_jobs() && outcome.verdict == Verdict::failure) return blame_job(attempt, now);
  CircuitMove move = circuit_.on_end(attempt, outcome, now);
  if (blame_.on_end(attempt, outcome, move, move.opened() ? circuit_.usual_failures() : 1) &&
      blame_.on_jobs()) {
    circuit_.close();
    law_->start_over();
    move.after = circuit_.state();
  } else if (move.reopened() && blame_.suspects_jobs()) {
    circuit_.open_again(now);
  }
  const Ruling ruling = law_->on_end(attempt, outcome, move, now);
  if (ruling.pause) pause_.extend(later(now, *ruling.pause));
  return ruling;
}

/// The job's own failure: the service did what it was asked to.
Ruling Controller::blame_job(const Attempt& attempt, TimePoint now) {
  Outcome outcome;
  outcome.verdict = Verdict::failure;
  blame_.on_end(attempt, outcome, {}, 1);
  circuit_.forget(attempt);
  Ruling ruling;
  ruling.moved = law_->on_job_fault(attempt, now);
  return ruling;
}

const Pacer::Settings* Controller::rate() const {
  if (pacer_) return &pacer_->settings();
  return permits_ != nullptr ? permits_->rate() : nullptr;
}

const TokenBudget* Controller::budget() const {
  if (budget_) return &*budget_;
  return permits_ != nullptr ? permits_->budget() : nullptr;
}

Duration Controller::spacing() const {
  const Pacer::Settings* pacer = rate();
  if (pacer == nullptr || pacer->unit == Pacer::Unit::cost) return interval();
  return std::max(interval(), time_for(1, pacer->rate));
}

Duration Controller::share(Cost cost) const {
  const Pacer::Settings* pacer = rate();
  const bool paced = pacer != nullptr && pacer->unit == Pacer::Unit::cost;
  return std::max(paced ? time_for(cost, pacer->rate) : Duration{},
                  budget() != nullptr ? time_for(cost, budget()->limit()) : Duration{});
}

void Controller::on_start_failed(const Attempt& attempt, TimePoint now, int in_flight) {
  if (pacer_) pacer_->give_back(attempt.started, attempt.cost);
  if (budget_) budget_->give_back(attempt);
  if (permits_ != nullptr) permits_->on_start_failed(attempt.cost);
  circuit_.forget(attempt);
  law_->forget(attempt);
  local_.on_start_failed(now, in_flight);
}

void Controller::set_closed(Gate gate, bool closed) {
  if (gate != Gate::pause) {
    closed_.set(static_cast<std::size_t>(gate), closed);
  } else if (closed) {
    pause_.hold(never);
  } else {
    pause_.release();
  }
}

bool Controller::is_closed(Gate gate) const {
  return gate == Gate::pause ? pause_.is_held_until_told()
                             : closed_.test(static_cast<std::size_t>(gate));
}

void Controller::set_rate(const std::optional<Pacer::Settings>& pacer, TimePoint now) {
  if (pacer && pacer_) {
    pacer_->set_rate(pacer->rate, now);
  } else if (pacer) {
    pacer_.emplace(*pacer);
  } else {
    pacer_.reset();
  }
}

void Controller::set_budget(Rate limit) {
  if (budget_) budget_->set_limit(limit);
}

}  // namespace gentlify
