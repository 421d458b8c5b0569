#include "lib/engine/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "lib/core/exit_code.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/fd.h"
#include "lib/engine/oom.h"
#include "lib/engine/signals.h"

namespace gentlify {

namespace {

constexpr Duration look_each = std::chrono::milliseconds(10);

/// How often it looks whether the worker's jobs are overdue.
constexpr Duration fence_look_each = std::chrono::milliseconds(20);

/// After a stop of both the worker has so long to end what is overdue by itself.
constexpr Duration wake_up = std::chrono::milliseconds(500);

/// What guardian and worker both see, where it was made before they became two.
struct Shared {
  mutable std::atomic<std::size_t> given_up{0};  ///< of the worker's children
  mutable std::atomic<std::int64_t> fence{0};    ///< ns of CLOCK_MONOTONIC; 0: none
  mutable std::atomic<bool> stops_itself{false};
};

/// Throws std::system_error where there is no memory.
const Shared& shared() {
  static const Shared* const made = [] {
    void* place =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    return new (place) Shared;
  }();
  return *made;
}

/// The time up to which the fleet vouches for the worker's jobs is over.
bool is_overdue() {
  const std::int64_t fence = shared().fence;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return fence != 0 && std::chrono::duration_cast<Duration>(now).count() >= fence;
}

/// Not where that would have to wait for a reader.
void say(const std::string& sentence) {
  pollfd error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&error, 1, 0) != 1 || (error.revents & POLLOUT) == 0) return;
  const std::string line = "gentlify: " + sentence + '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

timespec to_timespec(Duration d) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(d);
  return {whole.count(), (d - whole).count()};
}

/// Waits for all children that have ended; false where none is left.
bool wait_for_ended() {
  pid_t pid = 0;
  do {
    pid = ::waitpid(-1, nullptr, WNOHANG);
  } while (pid > 0);
  return pid == 0;
}

/// Those that are left, as far as they can be seen, are no more than those that cannot be killed.
bool are_given_up(const std::optional<std::vector<pid_t>>& left) {
  return left && !left->empty() && left->size() <= shared().given_up;
}

/// Whether SIGCONT, which we block, has come after the last signal that asked us to stop: each kind
/// discards what waits of the other.
bool is_told_to_go_on() {
  sigset_t pending;
  return ::sigpending(&pending) == 0 && ::sigismember(&pending, SIGCONT) == 1;
}

class Guardian {
 public:
  Guardian(pid_t worker, const Guard& how, const sigset_t& signals)
      : worker_(worker), leftover_(how.leftover), fenced_(how.fenced), signals_(signals) {}

  /// Until the worker has ended and nothing is left.
  [[noreturn]] void run() {
    bool overdue = false;
    while (!reap(WUNTRACED)) {
      if (fenced_ && !overdue && is_overdue() && monotonic_now() >= patience_until_) {
        overdue = true;
        ::kill(worker_, SIGKILL);
      }
      const timespec wait = to_timespec(fence_look_each);
      const int signal =
          fenced_ ? ::sigtimedwait(&signals_, nullptr, &wait) : ::sigwaitinfo(&signals_, nullptr);
      if (signal > 0 && signal != SIGCHLD) ::kill(worker_, signal);
    }
    clean_up();
    if (overdue && WIFSIGNALED(status_)) {
      say("the worker has not stopped its jobs in time, which the fleet no longer vouches for: "
          "they were killed; run it again");
      ::_exit(static_cast<int>(ExitCode::try_later));
    }
    if (WIFSIGNALED(status_)) die_of(WTERMSIG(status_));
    ::_exit(WEXITSTATUS(status_));
  }

 private:
  /// Waits for whom there is to wait for; true once the worker has ended.
  bool reap(int options) {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, options | WNOHANG);
      if (pid <= 0) return ended_ || (pid < 0 && errno == ECHILD);
      if (pid != worker_) continue;
      if (WIFSTOPPED(status)) {
        stop();
      } else {
        status_ = status;
        ended_ = true;
      }
    }
  }

  /// The worker has stopped itself and its jobs: so do we, and go on together. One that somebody
  /// else has stopped, and not its jobs, is not left alone where they may become overdue.
  void stop() {
    if (fenced_ && !shared().stops_itself) return;
    if (!is_told_to_go_on()) ::raise(SIGSTOP);
    patience_until_ = later(monotonic_now(), wake_up);
    ::kill(worker_, SIGCONT);
  }

  void clean_up() {
    if (!WIFEXITED(status_)) return kill_all();
    if (leftover_ == Leftover::keep) return;
    const TimePoint end =
        leftover_ == Leftover::wait ? never : later(monotonic_now(), leftover_grace);
    if (leftover_ == Leftover::kill) {
      for (const pid_t pid : children().value_or(std::vector<pid_t>())) ::kill(pid, SIGTERM);
    }
    while (monotonic_now() < end && !is_alone()) {
      const timespec wait = to_timespec(look_each);
      const int signal = ::sigtimedwait(&signals_, nullptr, &wait);
      if (signal > 0 && signal != SIGCHLD) break;
    }
    kill_all();
  }

  static void kill_all() {
    for (const pid_t pid : kill_children()) {
      say("unkillable pid " + std::to_string(pid) + ": it has survived SIGKILL for " +
          human(kill_patience) + " and is left behind");
    }
  }

  static bool is_alone() { return !wait_for_ended() || are_given_up(children()); }

  pid_t worker_;
  Leftover leftover_;
  bool fenced_;
  sigset_t signals_;
  TimePoint patience_until_{};
  int status_ = 0;
  bool ended_ = false;
};

/// What the guardian waits for; what was ignored when we started stays so.
sigset_t guarded_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT}) {
    ::sigaddset(&signals, signal);
  }
  for (const int signal : {SIGINT, SIGHUP, SIGQUIT, SIGTSTP}) {
    if (!is_ignored(signal)) ::sigaddset(&signals, signal);
  }
  return signals;
}

/// The worker's streams are not ours: a reader or writer at their other end must not wait for us.
void let_go_of_streams() {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {0, 1}) ::dup2(null.get(), fd);
  ::close_range(3, ~0U, 0);
}

}  // namespace

int guardian_died() {
  return SIGRTMIN + 3;
}

void guard(const Guard& how) {
  ::signal(SIGCHLD, SIG_DFL);
  const sigset_t signals = guarded_signals();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t guardian = ::getpid();
  shared();  // before the fork
  const pid_t worker = ::fork();
  if (worker < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (worker > 0) {
    let_go_of_streams();
    Guardian(worker, how, signals).run();
  }
  // They must not kill us, or be lost, before we wait for them.
  ::sigaddset(&before, guardian_died());
  ::sigaddset(&before, SIGCONT);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_PDEATHSIG, guardian_died());
  if (::getppid() != guardian) ::raise(SIGKILL);
  offer_to_oom_killer();
}

void set_fence(std::optional<std::chrono::steady_clock::time_point> fence) {
  const auto since = fence ? fence->time_since_epoch() : std::chrono::nanoseconds(0);
  shared().fence = std::chrono::duration_cast<Duration>(since).count();
}

void stop_worker() {
  const pid_t guardian = ::getppid();
  // Stopped, we would not hear of another signal.
  ::prctl(PR_SET_PDEATHSIG, SIGCONT);
  sigset_t pending;
  ::sigpending(&pending);
  const bool dead = ::sigismember(&pending, guardian_died()) == 1;
  shared().stops_itself = true;
  if (!dead && !is_told_to_go_on()) ::raise(SIGSTOP);
  shared().stops_itself = false;
  ::prctl(PR_SET_PDEATHSIG, guardian_died());
  if (::getppid() != guardian) ::raise(guardian_died());
}

std::optional<std::vector<pid_t>> children() {
  std::vector<pid_t> found;
  const Fd file(::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(file.get(), buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  for (const char* at = text.data(); at < text.data() + text.size();) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), pid);
    if (error == std::errc()) found.push_back(pid);
    at = end + 1;
  }
  return found;
}

void give_up_child() {
  ++shared().given_up;
}

std::vector<pid_t> kill_children() {
  const TimePoint end = later(monotonic_now(), kill_patience);
  while (wait_for_ended()) {
    const std::optional<std::vector<pid_t>> left = children();
    for (const pid_t pid : left.value_or(std::vector<pid_t>())) ::kill(pid, SIGKILL);
    if (are_given_up(left)) return {};
    if (monotonic_now() >= end) return left.value_or(std::vector<pid_t>());
    const timespec wait = to_timespec(std::chrono::milliseconds(1));
    ::nanosleep(&wait, nullptr);
  }
  return {};
}

}  // namespace gentlify
