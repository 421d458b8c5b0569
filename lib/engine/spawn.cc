#include "lib/engine/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace gentlify {

namespace {

/// What parent and child share while the parent waits for the exec.
struct Shared {
  const SpawnRequest* request;
  pid_t parent;
  int error;
};

/// The child's stack until exec: a page that faults below it, since nothing else would stop it.
class Stack {
 public:
  Stack() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    base_ = ::mmap(nullptr, size + page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (base_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    ::mprotect(base_, page, PROT_NONE);
    top_ = static_cast<char*>(base_) + size + page;
  }
  void* top() const { return top_; }

 private:
  static constexpr std::size_t size = 64 * 1024;
  void* base_ = nullptr;
  void* top_ = nullptr;
};

[[gnu::no_sanitize("address", "undefined")]] int fail(Shared* shared) {
  shared->error = errno;
  ::_exit(127);
}

[[gnu::no_sanitize("address", "undefined")]] int child(void* argument) {
  auto* shared = static_cast<Shared*>(argument);
  const SpawnRequest& request = *shared->request;
  if (::setpgid(0, 0) != 0) return fail(shared);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != shared->parent) ::_exit(127);
  const int wanted[] = {request.in, request.out, request.err};
  for (int fd = 0; fd < 3; ++fd) {
    if (wanted[fd] != fd && ::dup2(wanted[fd], fd) < 0) return fail(shared);
  }
  // Last, since it may take the number of one of those; a number that stays keeps its flags.
  if (request.report == report_descriptor) {
    if (::fcntl(report_descriptor, F_SETFD, 0) != 0) return fail(shared);
  } else if (request.report >= 0 && ::dup2(request.report, report_descriptor) < 0) {
    return fail(shared);
  }
  if (request.directory >= 0 && ::fchdir(request.directory) != 0) return fail(shared);
  if (request.nice) ::setpriority(PRIO_PROCESS, 0, *request.nice);
  if (request.open_files != 0) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = request.open_files;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(request.path, request.argv, request.envp);
  return fail(shared);
}

}  // namespace

Spawned spawn(const SpawnRequest& request) {
  static const Stack stack;
  static const pid_t self = ::getpid();
  Shared shared{&request, self, 0};
  Spawned spawned;
  int pidfd = -1;
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  const pid_t pid = ::clone(child, stack.top(), flags, &shared, &pidfd);
  if (pid < 0) {
    spawned.error = errno;
    return spawned;
  }
  spawned.pidfd.reset(pidfd);
  if (shared.error != 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    spawned.pidfd.reset();
    spawned.result = Spawned::Result::no_exec;
    spawned.error = shared.error;
    return spawned;
  }
  spawned.result = Spawned::Result::running;
  spawned.pid = pid;
  return spawned;
}

}  // namespace gentlify
