// A service that bans: whoever has been refused `strikes` times within `within` is refused
// everything for `ban`. What is refused during a ban is no further strike.
#pragma once

#include <deque>

#include "lib/core/time.h"

namespace gentlify::sim {

class PenaltyBox {
 public:
  /// `strikes` at least 1.
  PenaltyBox(int strikes, Duration within, Duration ban)
      : strikes_(strikes), within_(within), ban_(ban) {}

  TimePoint opens(TimePoint now) const { return std::max(now, until_); }

  /// The limits have refused an attempt, no ban being in force.
  void on_refused(TimePoint now) {
    while (!refused_.empty() && refused_.front() < now - within_) refused_.pop_front();
    refused_.push_back(now);
    if (std::ssize(refused_) < strikes_) return;
    until_ = later(now, ban_);
    refused_.clear();
  }

 private:
  int strikes_;
  Duration within_, ban_;
  std::deque<TimePoint> refused_;  // fewer than `strikes`
  TimePoint until_{};
};

}  // namespace gentlify::sim
