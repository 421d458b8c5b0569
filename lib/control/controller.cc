#include "lib/control/controller.h"

#include <utility>

namespace gentlify {

Admission Controller::next_start(TimePoint now, int in_flight, Cost) {
  Admission admission{output_blocked_ ? never : now, Gate::output};
  admission = binding(admission, pause_.next_start());
  admission = binding(admission, circuit_.next_start(now));
  admission = binding(admission, law_->next_start(now, in_flight));
  admission = binding(admission, local_.next_start(now, in_flight));
  if (admission.at > now) waited_for_ = admission.gate;
  return admission;
}

void Controller::on_start(Attempt& attempt) {
  attempt.waited_for = std::exchange(waited_for_, Gate::none);
  circuit_.on_start(attempt);
  law_->on_start(attempt);
}

Ruling Controller::on_end(const Attempt& attempt, const Outcome& outcome, TimePoint now) {
  if (outcome.retry_after) pause_.extend(later(now, *outcome.retry_after));
  if (outcome.verdict == Verdict::permanent || outcome.verdict == Verdict::stopped) {
    circuit_.forget(attempt);
    law_->forget(attempt);
    return {};
  }
  if (blame_.on_jobs() && outcome.verdict == Verdict::failure) {
    blame_.on_end(attempt, outcome, {});
    circuit_.forget(attempt);
    law_->forget(attempt);
    return {};
  }
  CircuitMove move = circuit_.on_end(attempt, outcome, now);
  if (blame_.on_end(attempt, outcome, move) && blame_.on_jobs()) {
    circuit_.close();
    move.after = circuit_.state();
  }
  return law_->on_end(attempt, outcome, move, now);
}

void Controller::on_start_failed(const Attempt& attempt, TimePoint now, int in_flight) {
  circuit_.forget(attempt);
  law_->forget(attempt);
  local_.on_start_failed(now, in_flight);
}

void Controller::set_closed(Gate gate, bool closed) {
  if (gate == Gate::pause) pause_.hold(closed);
  if (gate == Gate::output) output_blocked_ = closed;
}

bool Controller::is_closed(Gate gate) const {
  return gate == Gate::pause ? pause_.held() : gate == Gate::output && output_blocked_;
}

}  // namespace gentlify
