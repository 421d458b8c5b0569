// gentlify is two processes. The guardian is the parent: it forwards signals to the worker, which
// is the whole rest of the program, and ends as the worker ends, but not before everything that the
// run has started is gone. Both are subreapers: what loses its parent becomes a child of the
// worker, and after that of the guardian. So a process that has no child left is the last of the
// run.
//
// Killed with SIGKILL, the guardian takes the worker with it, by a signal of its own, and the
// worker its jobs; of a killed worker the guardian kills what is left.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <vector>

#include "lib/core/time.h"

namespace gentlify {

/// What becomes of processes that outlive their jobs.
enum class Leftover {
  kill,  ///< they are ended: TERM, and 2 s later KILL
  wait,  ///< the run ends when they have ended
  keep,  ///< they live on
};

/// How long they have between TERM and KILL.
inline constexpr Duration leftover_grace = std::chrono::seconds(2);

/// Tells the worker that its guardian is dead.
int guardian_died();

struct Guard {
  Leftover leftover = Leftover::kill;
  /// It also kills the worker, and all that it runs, when a time set by set_fence has passed, and
  /// ends with 75 then: a worker that hangs or is stopped cannot do it by itself.
  bool fenced = false;
};

/// Splits the program: returns in the worker, and never in the guardian. Throws std::system_error
/// where no process can be made.
void guard(const Guard& how);

/// In the worker: nothing of the run may be alive from then on, as long as no other time is set.
/// Nothing: there is no such time.
void set_fence(std::optional<std::chrono::steady_clock::time_point> fence);

/// Stops the worker, and so the guardian, until SIGCONT or the death of the guardian.
void stop_worker();

/// Our children, those adopted included; also those that have ended and were not waited for.
/// Nothing where that cannot be found out for want of a descriptor.
std::optional<std::vector<pid_t>> children();

/// How long a process may survive KILL; then it is taken for one that cannot be killed.
inline constexpr Duration kill_patience = std::chrono::seconds(15);

/// The worker has been patient with one of its children: the guardian shall not be so again.
void give_up_child();

/// Kills all our children and what they leave, until there is none but those given up. Returns who
/// cannot be killed, after some patience.
std::vector<pid_t> kill_children();

}  // namespace gentlify
