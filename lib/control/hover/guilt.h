// Who is guilty, the slots or the rate? The rate, where refusals came at no higher number in flight
// than acceptances did: then it is not how many run that is refused, but how fast they come.
//
// Counts of attempts in flight are those at an attempt's start, since the trouble began. What was
// refused was never really in flight: it is taken off the count of those that started after it.
// Before the trouble has shown an acceptance, the most that was accepted in the last 30 s stands
// in.
#pragma once

#include <deque>
#include <vector>

#include "lib/core/time.h"

namespace gentlify::hover {

class Guilt {
 public:
  /// An attempt that started at `started` with `in_flight` in flight was accepted.
  void accepted(TimePoint started, int in_flight, bool in_trouble, TimePoint now);
  /// ... was refused, and so is not in flight for those that started later.
  void refused(TimePoint started, int in_flight, bool counts);

  /// Refusals do not follow the number in flight. `in_flight`: at the start of the last one.
  bool rate_is_guilty(int in_flight) const;

  void clear() { evidence_.clear(); }

 private:
  struct Seen {
    TimePoint started;
    int in_flight = 0;
    bool accepted = false;
  };
  struct Peak {
    TimePoint at;
    int in_flight = 0;
  };

  static constexpr std::size_t most = 1000;

  std::deque<Seen> evidence_;
  std::deque<Peak> peaks_;  // falling, so that the first is the most of the last 30 s
};

}  // namespace gentlify::hover
