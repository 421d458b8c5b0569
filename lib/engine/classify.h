// From what the operating system reports to what it means.
#pragma once

#include "lib/core/exit_set.h"
#include "lib/core/outcome.h"

namespace gentlify {

struct ExitLists {
  ExitSet success;    ///< 0
  ExitSet overload;   ///< 75 (EX_TEMPFAIL)
  ExitSet permanent;  ///< 64-66, 77, 78, 126, 127
};

/// The first list that holds the status wins, in the order success, overload, permanent; else it is
/// a failure. A signal is a failure. A program that could not be executed is permanent.
/// The outcome's last_line is left empty.
Outcome classify(const Exit& exit, const ExitLists& lists);

}  // namespace gentlify
