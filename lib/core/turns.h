// Takes part in the turns of the loop, and waits for nothing in them.
#pragma once

#include "lib/core/time.h"

namespace gentlify {

class Turns {
 public:
  virtual ~Turns() = default;
  /// Before it is asked what may start.
  virtual void before_starts(TimePoint now) = 0;
  /// After that, when all that has happened is on record.
  virtual void after_starts(TimePoint now) = 0;
  /// When it is to have a turn though nothing happens.
  virtual TimePoint next() const = 0;
};

}  // namespace gentlify
