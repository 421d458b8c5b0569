// Keeps starts apart: after each start the next one waits `interval`, and a random part of it more,
// so that several throttlers that were started together do not stay in step.
//
//   next start = last start + interval * (1 + uniform(0, jitter))
#pragma once

#include "lib/control/random.h"
#include "lib/core/gate.h"
#include "lib/core/time.h"

namespace gentlify {

class Spacing {
 public:
  /// `jitter` within 0..1: the largest share of the interval that is added.
  Spacing(Duration interval, double jitter, std::uint64_t seed)
      : interval_(interval), jitter_(jitter), random_(seed) {}

  Admission next_start() const { return {next_, Gate::interval}; }

  void on_start(TimePoint now) {
    const double part = 1 + random_.uniform(0, jitter_);
    next_ = later(now, from_seconds(seconds(interval_) * part));
  }

  Duration interval() const { return interval_; }
  void set_interval(Duration interval) { interval_ = interval; }

 private:
  Duration interval_;
  double jitter_;
  Random random_;
  TimePoint next_{};
};

}  // namespace gentlify
