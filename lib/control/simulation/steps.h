// A number that changes in steps: the rate of a service, or what it takes at once, over time.
#pragma once

#include <vector>

#include "lib/core/time.h"

namespace gentlify::sim {

class Steps {
 public:
  struct Step {
    Duration from;  ///< since the start of the run
    double value;
  };

  /// Always `value`.
  Steps(double value) : steps_{{Duration{}, value}} {}  // NOLINT(google-explicit-constructor)
  /// `steps`: at least one, in the order of time, the first from 0. `period` above the last `from`:
  /// all of it is repeated that often; 0: it is not.
  explicit Steps(std::vector<Step> steps, Duration period = {})
      : steps_(std::move(steps)), period_(period) {}

  double at(TimePoint t) const { return steps_[index(within(t))].value; }

  /// The first change after `t`, or `never`.
  TimePoint next_change(TimePoint t) const;

  double integral(TimePoint from, TimePoint to) const;  ///< in value * seconds

  /// When integral(from, t) has come to `amount`, or `never`.
  TimePoint reaches(TimePoint from, double amount) const;

  double highest() const;
  double lowest() const;

 private:
  Duration within(TimePoint t) const {
    const Duration d = t.time_since_epoch();
    return period_ == Duration{} ? d : d % period_;
  }
  std::size_t index(Duration d) const;
  double of_a_period() const;  // its integral

  std::vector<Step> steps_;
  Duration period_{};
};

}  // namespace gentlify::sim
