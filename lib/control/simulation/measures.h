// What a run is judged by, besides how long it took, learned from its starts as they come.
//
// Overshoot: how far it went past what the service takes. For a rate r the most starts within any w
// seconds, w = max(1, 3 / r at the start), divided by w * r; for a cap the most in flight divided
// by the cap; of both the greater.
//
// Recovery: the time from the model's mark to the first 5 s, looked at each 0.25 s, in which at
// least 90 % of what the service could take was admitted and at most 10 % of the starts were not.
// It is looked for in the first day after the mark.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "lib/control/simulation/service.h"
#include "lib/core/time.h"

namespace gentlify::sim {

class Overshoot {
 public:
  explicit Overshoot(const Service& service);

  void on_start(TimePoint now, int in_flight);

  /// Nothing where the service has neither a rate nor a cap.
  std::optional<double> value() const { return value_; }

 private:
  const Service& service_;
  Duration window_{};
  std::deque<TimePoint> starts_;  // within the window
  std::optional<double> value_;
};

class Recovery {
 public:
  /// `most`: attempts that the client may have in flight.
  Recovery(const Service& service, int most) : service_(service), most_(most) {}

  void on_start(TimePoint now, bool admitted);

  /// Nothing where the model has no mark. Where the run ended first, the time up to its last start,
  /// and `reached` is false.
  struct Value {
    Duration took;
    bool reached;
  };
  std::optional<Value> value() const;

 private:
  struct Step {
    int starts = 0, admitted = 0;
  };

  const Service& service_;
  int most_;
  TimePoint last_{};
  std::vector<Step> steps_;  // since the mark
};

}  // namespace gentlify::sim
