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
  /// When to commit though nothing happens.
  virtual TimePoint next() const = 0;
};

}  // namespace gentlify
