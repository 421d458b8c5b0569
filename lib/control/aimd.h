// The rate law: additive increase, multiplicative decrease.
//
// Start:     the geometric mean of the least and the most rate: 2.2 a second for 0.1 and 50. As
// many
//            doublings are left upwards as downwards.
// Success:   rate = min(max, rate + increase_step), where the attempt had waited for the rate: one
//            that had waited for something else says nothing about a higher rate.
// Overload:  it was said, or `failure_threshold` failures counted within `failure_window`:
//            rate = max(min, rate * decrease_factor), and nothing starts for the Retry-After, or
//            for min(60, max(1, cooldown_multiplier / rate)) seconds, with the new rate. Attempts
//            that started before a cut neither raise the rate nor cut it again.
//
// Starts are 1/rate apart: the bucket holds one, so that any rate makes progress. The number in
// flight stays where it begins.
#pragma once

#include "lib/control/failure_window.h"
#include "lib/control/law.h"
#include "lib/control/spacing.h"

namespace gentlify {

class Aimd : public Law {
 public:
  struct Settings {
    double min_rate = 0.1;  ///< starts a second, more than 0
    double max_rate = 50;   ///< not under min_rate; min_interval may keep it lower
    double increase_step = 0.1;
    double decrease_factor = 0.5;    ///< between 0 and 1
    double cooldown_multiplier = 1;  ///< starts that are left out
    int failure_threshold = 3;       ///< at least 1
    Duration failure_window = std::chrono::seconds(60);
  };

  Aimd(const Bounds& bounds, const Settings& settings);

  Admission next_start(TimePoint now, int in_flight) override;
  void on_start(const Attempt& attempt) override;
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
                TimePoint now) override;
  void start_over() override;
  void set_max_concurrency(int max) override { limit_ = max; }
  int limit() const override { return limit_; }
  Duration interval() const override { return spacing_.interval(); }

  double rate() const { return rate_; }

 private:
  Adjustment move(event::Adjusted::Kind kind, double rate);
  Duration cooldown() const;

  Settings settings_;
  FailureWindow failures_;
  int limit_;
  double rate_;
  Spacing spacing_;
};

}  // namespace gentlify
