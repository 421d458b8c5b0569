#include "lib/control/controller.h"

namespace gentlify {

Admission Controller::next_start(TimePoint now, int in_flight) {
  for (const Gate gate : {Gate::pause, Gate::output}) {
    if (is_closed(gate)) return {never, gate};
  }
  return binding(law_->next_start(now, in_flight), local_.next_start(now, in_flight));
}

void Controller::on_start(const Attempt& attempt) {
  law_->on_start(attempt);
}

std::optional<Adjustment> Controller::on_end(const Attempt& attempt, Verdict verdict,
                                             TimePoint now) {
  if (verdict == Verdict::permanent || verdict == Verdict::stopped) return {};
  return law_->on_end(attempt, verdict, now);
}

}  // namespace gentlify
