// From what the operating system reports to what it means.
#pragma once

#include "lib/core/exit_set.h"
#include "lib/core/outcome.h"
#include "lib/engine/said.h"

namespace gentlify {

struct ExitLists {
  ExitSet success;    ///< 0
  ExitSet overload;   ///< 75 (EX_TEMPFAIL)
  ExitSet permanent;  ///< 64-66, 77, 78, 126, 127
};

/// The first that applies: a program that could not be executed is permanent; a status in the list
/// of success is success; what the job said is permanent, or overload; the list of overload or of
/// permanent holds the status; else, and for a signal, it is a failure. A Retry-After and a cost
/// are passed on whatever the verdict. The outcome's last_line is left empty.
Outcome classify(const Exit& exit, const ExitLists& lists, const Said& said = {});

}  // namespace gentlify
