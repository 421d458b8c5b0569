// Starts a child: the one file that forks.
//
// clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD): the child borrows our memory until it has exec'd, so
// a start costs the same whatever the size of our heap, an exec error comes back in shared memory,
// and the child has a pidfd from its first moment. In the child only async-signal-safe calls run.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>

#include "lib/engine/fd.h"

namespace gentlify {

/// Where a child finds its pipe for reports. A shell's redirections may take one digit only, and
/// scripts are used to 3, 4 and 9.
inline constexpr int report_descriptor = 7;

struct SpawnRequest {
  const char* path = nullptr;   ///< of the program; not searched for
  char* const* argv = nullptr;  ///< null-terminated
  char* const* envp = nullptr;  ///< null-terminated
  /// Become the child's 0, 1 and 2; it gets no other descriptor that is CLOEXEC.
  int in = 0, out = 1, err = 2;
  int report = -1;               ///< over 2, becomes the child's `report_descriptor`; -1: none
  rlim_t open_files = 0;         ///< the child's soft RLIMIT_NOFILE; 0 leaves it
  int directory = -1;            ///< the child's working directory; -1: ours
  std::optional<int> nice = {};  ///< the child's niceness, -20..19
};

struct Spawned {
  enum class Result {
    running,   ///< the program runs
    no_child,  ///< no process could be made: `error` (EAGAIN, ENOMEM, EMFILE, …)
    no_exec,   ///< the program could not be executed: `error` (ENOENT, EACCES, E2BIG, …)
  };
  Result result = Result::no_child;
  int error = 0;
  pid_t pid = -1;
  Fd pidfd;
};

/// The child runs in a process group of its own, with an empty signal mask, and is killed when we
/// die. The caller must have no signal handler installed and the signals it waits for blocked.
Spawned spawn(const SpawnRequest& request);

}  // namespace gentlify
