// The cut goes down to what was accepted. For the rate that is
//
//   starts not refused / time they took / (1 - share of broken jobs)
//
// over the starts since the trouble began, at least 10, where that is more than half a second; else
// over the last second and the last 20 starts. Never over more than the last 200.
#pragma once

#include <cstddef>
#include <deque>

#include "lib/control/attempt.h"
#include "lib/core/time.h"

namespace gentlify::hover {

class Starts {
 public:
  void add(const Attempt& attempt) {
    starts_.push_back({attempt.started, attempt.id, false});
    if (starts_.size() > most) starts_.pop_front();
  }
  void refused(AttemptId id);

  /// Starts per second that were accepted. `trouble`: when it began, `never` where there is none.
  double accepted(TimePoint now, TimePoint trouble, double broken_share) const;

 private:
  struct Seen {
    TimePoint at;
    AttemptId id{};
    bool refused = false;
  };

  static constexpr std::size_t most = 200;

  std::deque<Seen> starts_;
};

}  // namespace gentlify::hover
