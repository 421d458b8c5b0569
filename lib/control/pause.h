// Nothing starts while the run is paused: by the service until a deadline, and by a person until
// another one, or until they end it. A deadline only moves forward: of two Retry-After the later
// one holds.
#pragma once

#include <algorithm>

#include "lib/core/gate.h"
#include "lib/core/time.h"

namespace gentlify {

class Pause {
 public:
  /// Moves the deadline; true where that made the pause longer.
  bool extend(TimePoint until) {
    if (until <= until_) return false;
    until_ = until;
    return true;
  }
  /// A person pauses the run, until `until`; `never`: until they end that.
  void hold(TimePoint until) { held_until_ = std::max(held_until_, until); }
  /// The person's pause ends; the service's goes on.
  void release() { held_until_ = {}; }
  bool is_held(TimePoint now) const { return held_until_ > now; }
  bool is_held_until_told() const { return held_until_ == never; }

  Admission next_start() const { return {until(), Gate::pause}; }
  TimePoint until() const { return std::max(held_until_, until_); }

 private:
  TimePoint until_{};       // the service's
  TimePoint held_until_{};  // the person's
};

}  // namespace gentlify
