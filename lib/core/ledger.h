// Writes down what happens, before anything follows from it.
#pragma once

#include "lib/core/time.h"

namespace gentlify {

class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Puts on record what it was told since the last call. False: that failed, and nothing may
  /// start.
  virtual bool commit(TimePoint now) = 0;
  /// What was told waits to be written, and so much of it that nothing should start.
  virtual bool is_behind() const { return false; }
  /// When to commit though nothing happens.
  virtual TimePoint next() const = 0;
};

}  // namespace gentlify
