// The law that does not adapt: what `xargs -P` does, with an interval if one is asked for.
#pragma once

#include "lib/control/law.h"
#include "lib/control/spacing.h"

namespace gentlify {

class Fixed : public Law {
 public:
  Fixed(const Bounds& bounds, double jitter, std::uint64_t seed)
      : limit_(bounds.initial_concurrency), spacing_(bounds.min_interval, jitter, seed) {}

  Admission next_start(TimePoint, int in_flight) override {
    if (in_flight >= limit_) return {never, Gate::slots};
    return spacing_.next_start();
  }
  void on_start(const Attempt& attempt) override { spacing_.on_start(attempt.started); }
  Ruling on_end(const Attempt&, const Outcome&, CircuitMove, TimePoint) override { return {}; }
  void set_max_concurrency(int max) override { limit_ = max; }
  int limit() const override { return limit_; }
  Duration interval() const override { return spacing_.interval(); }

 private:
  int limit_;
  Spacing spacing_;
};

}  // namespace gentlify
