#include "lib/engine/spawn.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <utility>

#include "lib/engine/system_call.h"

namespace gentlify {

namespace {

/// So many cradles are kept for later children.
constexpr std::size_t most_kept = 64;

/// The child's stack until exec: a page that faults below it, since nothing else would stop it.
class Stack {
 public:
  Stack()
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        base_(::mmap(nullptr, size + page_, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (base_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    ::mprotect(base_, page_, PROT_NONE);
  }
  ~Stack() { ::munmap(base_, size + page_); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  void* top() const { return static_cast<char*>(base_) + size + page_; }

 private:
  static constexpr std::size_t size = 32 * 1024;
  std::size_t page_;
  void* base_;
};

long as_argument(const void* pointer) {
  return reinterpret_cast<long>(pointer);  // NOLINT(*-reinterpret-cast): as the kernel takes it
}

}  // namespace

/// All that one start needs until its child has left our memory.
struct Spawner::Cradle {
  SpawnRequest request;
  std::vector<char*> argv;  // the first place is for a shell
  Stack stack;
  pid_t parent = 0;
  pid_t pid = 0;
  int error = 0;                // errno; written by the child
  std::atomic<pid_t> child{0};  // not 0: it is still there; cleared by the kernel
  std::string shell = "/bin/sh";
  bool told_to_end = false;  // by us, before it became its program

  void prepare(pid_t self) {
    parent = self;
    error = 0;
    told_to_end = false;
    argv.assign(1, shell.data());
    for (std::string& word : request.argv) argv.push_back(word.data());
    argv.push_back(nullptr);
  }
  static int run(void* argument);

 private:
  long descriptors() const;
  long surroundings();
  void drop_signals();
  long become_program();
};

__attribute__((no_sanitize("address", "undefined"))) long Spawner::Cradle::descriptors() const {
  const int wanted[] = {request.in, request.out, request.err};
  for (int fd = 0; fd < 3; ++fd) {
    if (wanted[fd] == fd) continue;
    const long done = system_call(SYS_dup3, wanted[fd], fd, 0);
    if (done < 0) return done;
  }
  if (request.alive >= 0) {
    const long kept = system_call(SYS_fcntl, request.alive, F_SETFD, 0);
    if (kept < 0) return kept;
  }
  if (request.report < 0) return 0;
  // Last, since it may take the number of one of those; a number that stays keeps its flags.
  if (request.report == report_descriptor) {
    return system_call(SYS_fcntl, report_descriptor, F_SETFD, 0);
  }
  return system_call(SYS_dup3, request.report, report_descriptor, 0);
}

/// Signals that were sent to our group while the child was still in it are not meant for the job:
/// Ctrl-C, say. With our empty mask it would die of them, or stop where nobody lets it go on.
__attribute__((no_sanitize("address", "undefined"))) void Spawner::Cradle::drop_signals() {
  constexpr auto bit = [](int signal) { return std::uint64_t{1} << (signal - 1); };
  const std::uint64_t ours = bit(SIGINT) | bit(SIGQUIT) | bit(SIGHUP) | bit(SIGTERM) |
                             bit(SIGTSTP) | bit(SIGUSR1) | bit(SIGUSR2);
  const timespec no_time{0, 0};
  siginfo_t info{};
  while (system_call(SYS_rt_sigtimedwait, as_argument(&ours), as_argument(&info),
                     as_argument(&no_time), sizeof ours) > 0) {
    if (info.si_signo == SIGTERM && info.si_pid == parent) told_to_end = true;
  }
}

__attribute__((no_sanitize("address", "undefined"))) long Spawner::Cradle::surroundings() {
  const long grouped = system_call(SYS_setpgid, 0, 0);
  if (grouped < 0) return grouped;
  system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (system_call(SYS_getppid) != parent) system_call(SYS_exit_group, 127);
  if (request.directory >= 0) {
    const long moved = system_call(SYS_fchdir, request.directory);
    if (moved < 0) return moved;
  }
  const long described = descriptors();
  if (described < 0) return described;
  if (request.nice) system_call(SYS_setpriority, PRIO_PROCESS, 0, *request.nice);
  if (request.open_files) {
    system_call(SYS_prlimit64, 0, RLIMIT_NOFILE, as_argument(&*request.open_files), 0);
  }
  drop_signals();
  const std::uint64_t none = 0;
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, as_argument(&none), 0, sizeof none);
  if (told_to_end) system_call(SYS_kill, system_call(SYS_getpid), SIGTERM);
  return 0;
}

/// Comes back only where that fails.
__attribute__((no_sanitize("address", "undefined"))) long Spawner::Cradle::become_program() {
  const long environment = as_argument(request.environment.pointers.data());
  char* const path = request.path.data();
  const long failed =
      system_call(SYS_execve, as_argument(path), as_argument(argv.data() + 1), environment);
  if (failed != -ENOEXEC) return failed;
  argv[1] = path;
  return system_call(SYS_execve, as_argument(shell.data()), as_argument(argv.data()), environment);
}

__attribute__((no_sanitize("address", "undefined"))) int Spawner::Cradle::run(void* argument) {
  auto& cradle = *static_cast<Cradle*>(argument);
  long done = cradle.surroundings();
  if (done == 0) done = cradle.become_program();
  cradle.error = static_cast<int>(-done);
  for (;;) system_call(SYS_exit_group, 127);
}

Spawner::Spawner() : self_(::getpid()) {}
Spawner::~Spawner() {
  // A child that is still on its way goes on reading.
  for (std::unique_ptr<Cradle>& cradle : busy_) {
    if (cradle->child != 0) static_cast<void>(cradle.release());
  }
}

SpawnRequest& Spawner::next() {
  collect();
  if (!next_) {
    if (free_.empty()) free_.push_back(std::make_unique<Cradle>());
    next_ = std::move(free_.back());
    free_.pop_back();
  }
  return next_->request;
}

Spawned Spawner::spawn() {
  Cradle& cradle = *next_;
  cradle.prepare(self_);
  // Taken down before there is a child, so that no want of memory can come in between.
  busy_.push_back(std::move(next_));
  const int waits = system_calls_are_bare ? 0 : CLONE_VFORK;
  const int flags = CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID | SIGCHLD | waits;
  cradle.child = 1;
  Spawned spawned;
  int pidfd = -1;
  spawned.pid =
      ::clone(Cradle::run, cradle.stack.top(), flags, &cradle, &pidfd, nullptr, &cradle.child);
  if (spawned.pid < 0) {
    spawned.error = errno;
    cradle.child = 0;
    next_ = std::move(busy_.back());
    busy_.pop_back();
    return spawned;
  }
  cradle.pid = spawned.pid;
  // As the child does: whoever comes first. After its exec it has done so, and this is refused.
  ::setpgid(spawned.pid, spawned.pid);
  if (!errors_.empty()) errors_.erase(spawned.pid);
  spawned.pidfd.reset(pidfd);
  return spawned;
}

/// Takes back what children have left.
void Spawner::collect() {
  for (std::size_t i = 0; i < busy_.size();) {
    if (busy_[i]->child != 0) {
      ++i;
      continue;
    }
    if (busy_[i]->error != 0) errors_[busy_[i]->pid] = busy_[i]->error;
    if (free_.size() < most_kept) free_.push_back(std::move(busy_[i]));
    busy_[i] = std::move(busy_.back());
    busy_.pop_back();
  }
}

int Spawner::exec_error(pid_t pid) {
  collect();
  const auto error = errors_.find(pid);
  if (error == errors_.end()) return 0;
  const int result = error->second;
  errors_.erase(error);
  return result;
}

}  // namespace gentlify
