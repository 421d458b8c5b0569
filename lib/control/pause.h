// Nothing starts while the run is paused: by a person until they end it, and by the service until a
// deadline. The deadline only moves forward: of two Retry-After the later one holds.
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
  void hold(bool on) { held_ = on; }
  bool held() const { return held_; }

  Admission next_start() const { return {until(), Gate::pause}; }
  TimePoint until() const { return held_ ? never : until_; }

 private:
  TimePoint until_{};
  bool held_ = false;
};

}  // namespace gentlify
