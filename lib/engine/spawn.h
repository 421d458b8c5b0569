// Starts jobs' processes.
//
// A child borrows our memory until it has become its program (clone(CLONE_VM | CLONE_PIDFD)), so a
// start costs the same whatever the size of our heap, and the child has a pidfd from its first
// moment. We do not wait for it, as vfork would: where all processors are busy that wait is the
// longest part of a start. So what the child reads until then is left alone so long, as is the
// stack on which it runs; the kernel tells when it has left our memory (CLONE_CHILD_CLEARTID).
// errno is ours as well: the child makes its system calls itself, and only async-signal-safe ones.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/engine/environment.h"
#include "lib/engine/fd.h"

namespace gentlify {

/// Where a child finds its pipe for reports. A shell's redirections may take one digit only, and
/// scripts are used to 3, 4 and 9.
inline constexpr int report_descriptor = 7;

struct SpawnRequest {
  std::string path;               ///< of the program; not searched for
  std::vector<std::string> argv;  ///< one word at least
  JobEnvironment environment;
  /// Become the child's 0, 1 and 2; it gets no other descriptor that is CLOEXEC.
  int in = 0, out = 1, err = 2;
  int report = -1;  ///< over 2, becomes the child's `report_descriptor`; -1: none
  int alive = -1;   ///< over 2, stays open in the child, under its number; -1: none
  std::optional<rlimit> open_files = {};  ///< the child's RLIMIT_NOFILE; none leaves it
  int directory = -1;                     ///< the child's working directory; -1: ours
  std::optional<int> nice = {};           ///< the child's niceness, -20..19
};

struct Spawned {
  pid_t pid = -1;  ///< -1: no process could be made
  int error = 0;   ///< why: EAGAIN, ENOMEM, EMFILE, …
  Fd pidfd;
};

class Spawner {
 public:
  Spawner();
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  /// What the next child is to be, to be filled in: it is as some child before has left it. Throws
  /// std::bad_alloc or std::system_error where memory is short.
  SpawnRequest& next();

  /// Starts it: in a process group of its own, with an empty signal mask, to be killed when we die.
  /// A program without "#!" that the kernel does not know runs through /bin/sh, as with execvp.
  /// The caller must have no signal handler installed and the signals it waits for blocked.
  Spawned spawn();

  /// A child that cannot become its program exits 127. This is why, an errno; 0: it did become it,
  /// and it was the program that exited. To be asked once for a child.
  int exec_error(pid_t pid);

 private:
  struct Cradle;

  void collect();

  const pid_t self_;
  std::unique_ptr<Cradle> next_;
  std::vector<std::unique_ptr<Cradle>> free_;
  std::vector<std::unique_ptr<Cradle>> busy_;  // their children may not have left our memory yet
  std::unordered_map<pid_t, int> errors_;
};

}  // namespace gentlify
