// The law for those who want a rule to recite.
//
// Start:   from the initial limit, each success that had filled the limit raises it by one up to
//          max, until the first cut.
// Cut:     overload was said, or `failure_threshold` failures counted within `failure_window`:
//          limit = limit / 2, interval = 2 * max(interval, 1 ms), ceiling = the limit before.
//          Attempts started before a cut are not counted for the next one.
// Cooling: nothing moves for `cooling_period` after a cut or a step.
// Step:    then the next success raises the limit by one, up to the ceiling, and halves the
//          interval, down to its minimum.
// Forget:  `ceiling_decay` cooling periods after the last failure that counted the ceiling is max.
#pragma once

#include "lib/control/failure_window.h"
#include "lib/control/law.h"
#include "lib/control/spacing.h"

namespace gentlify {

class Classic : public Law {
 public:
  struct Settings {
    int failure_threshold = 3;  ///< at least 1
    Duration failure_window = std::chrono::seconds(60);
    Duration cooling_period = std::chrono::seconds(60);
    double ceiling_decay = 5;  ///< in cooling periods, at least 1
  };

  Classic(const Bounds& bounds, const Settings& settings, double jitter, std::uint64_t seed);

  Admission next_start(TimePoint now, int in_flight) override;
  void on_start(const Attempt& attempt) override;
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
                TimePoint now) override;
  std::optional<Adjustment> on_job_fault(const Attempt& attempt, TimePoint now) override {
    return on_success(attempt, now);
  }
  void start_over() override;
  void set_max_concurrency(int max) override;
  int limit() const override { return limit_; }
  Duration interval() const override { return spacing_.interval(); }

 private:
  std::optional<Adjustment> on_success(const Attempt& attempt, TimePoint now);
  Adjustment cut(TimePoint now);
  std::optional<Adjustment> step(TimePoint now);
  Adjustment move(event::Adjusted::Kind kind, int limit, Duration interval);

  Bounds bounds_;
  Settings settings_;
  FailureWindow failures_;
  Spacing spacing_;
  int limit_;
  int ceiling_;
  bool ramping_ = true;  // no cut yet
  TimePoint moved_{};    // the last cut or step
};

}  // namespace gentlify
