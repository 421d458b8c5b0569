// A limit on what runs at once: an attempt is admitted where fewer than `cap` admitted ones run. It
// cannot say when there will be room.
#pragma once

#include "lib/control/simulation/steps.h"

namespace gentlify::sim {

class Cap {
 public:
  explicit Cap(Steps cap) : cap_(std::move(cap)) {}

  /// `never` where only the end of one of the `active` attempts makes room.
  TimePoint opens(TimePoint now, int active) const {
    if (active < cap(now)) return now;
    if (active >= cap_.highest()) return never;
    TimePoint t = now;
    while (t != never && active >= cap(t)) t = cap_.next_change(t);
    return t;
  }
  void take(TimePoint) {}

  int cap(TimePoint t) const { return static_cast<int>(cap_.at(t)); }

 private:
  Steps cap_;
};

}  // namespace gentlify::sim
