// The least that running jobs can cost: one loop over epoll, nothing decided, nothing recorded.
//
//   raw_loop [-j JOBS] [-c] [-o] PROGRAM [ARGUMENT...] <ITEMS
//
// Runs PROGRAM, a path, once for each line of standard input, the line its last argument, JOBS at
// once. -c captures each job's output and prints it when the job ends. -o does not wait for each
// exec before the next start. Exits 1 if a job failed.
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

struct Options {
  int jobs = 1;
  bool capture = false;
  bool overlap = false;
};

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

/// One end of a job's output that we read.
struct Pipe {
  int fd = -1;
  std::string bytes;
};

/// A place for one job at a time. With -o the child runs on this memory until it has become
/// PROGRAM, and so it is left alone until the job has ended.
struct Slot {
  std::size_t index = 0;
  std::vector<char*> argv;
  std::string item;
  int in = -1;
  std::array<int, 2> child_out = {-1, -1};
  int pidfd = -1;
  std::array<Pipe, 2> pipes;
  alignas(16) std::array<char, 32UL * 1024> stack{};
};

int child(void* argument) {
  const Slot& slot = *static_cast<Slot*>(argument);
  ::dup2(slot.in, STDIN_FILENO);
  if (slot.child_out[0] >= 0) {
    ::dup2(slot.child_out[0], STDOUT_FILENO);
    ::dup2(slot.child_out[1], STDERR_FILENO);
  }
  ::execve(slot.argv[0], slot.argv.data(), environ);
  ::_exit(127);
}

class Loop {
 public:
  Loop(const Options& options, char** program)
      : options_(options),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        null_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
    check(epoll_ >= 0 && null_ >= 0, "epoll_create1, open");
    for (int i = 0; i < options.jobs; ++i) {
      auto slot = std::make_unique<Slot>();
      for (char** word = program; *word != nullptr; ++word) slot->argv.push_back(*word);
      slot->argv.resize(slot->argv.size() + 2);
      slot->index = slots_.size();
      slot->in = null_;
      free_.push_back(slot.get());
      slots_.push_back(std::move(slot));
    }
  }

  /// True if every job exited 0.
  bool run() {
    bool input = true;
    while (input || free_.size() < slots_.size()) {
      while (input && !free_.empty()) {
        Slot& slot = *free_.back();
        input = static_cast<bool>(std::getline(std::cin, slot.item));
        if (!input) break;
        free_.pop_back();
        start(slot);
      }
      if (free_.size() < slots_.size()) wait();
    }
    return all_good_;
  }

 private:
  void watch(int fd, std::uint64_t key) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = key;
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  }

  /// A start still on its way to exec holds a copy of the descriptor, so closing it would leave its
  /// registration behind.
  void close(int& fd) const {
    if (fd < 0) return;
    check(::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr) == 0, "epoll_ctl");
    ::close(fd);
    fd = -1;
  }

  /// What an event is about: its slot, and there one of the two pipes or, as 2, the process.
  static std::uint64_t key(const Slot& slot, unsigned what) { return slot.index * 3 + what; }

  void start(Slot& slot) {
    slot.argv[slot.argv.size() - 2] = slot.item.data();
    if (options_.capture) {
      for (unsigned i = 0; i < 2; ++i) {
        std::array<int, 2> ends{};
        check(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
        check(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "fcntl");
        slot.pipes[i].fd = ends[0];
        slot.child_out[i] = ends[1];
        watch(ends[0], key(slot, i));
      }
    }
    const int flags = CLONE_VM | (options_.overlap ? 0 : CLONE_VFORK) | CLONE_PIDFD | SIGCHLD;
    void* const top = slot.stack.data() + slot.stack.size();
    check(::clone(child, top, flags, &slot, &slot.pidfd) > 0, "clone");
    if (options_.capture) {
      // The child has descriptors of its own, though its memory is ours.
      for (const int fd : slot.child_out) ::close(fd);
    }
    watch(slot.pidfd, key(slot, 2));
  }

  void wait() {
    std::array<epoll_event, 64> events{};
    const int n = ::epoll_wait(epoll_, events.data(), events.size(), -1);
    check(n >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < n; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      Slot& slot = *slots_[key / 3];
      if (key % 3 < 2) {
        read(slot.pipes[key % 3]);
      } else {
        ended(slot);
      }
    }
  }

  void read(Pipe& pipe) const {
    static std::array<char, 64UL * 1024> buffer;
    ssize_t n = 0;
    while (pipe.fd >= 0 && (n = ::read(pipe.fd, buffer.data(), buffer.size())) >= 0) {
      if (n == 0) close(pipe.fd);
      pipe.bytes.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }

  void ended(Slot& slot) {
    siginfo_t info{};
    check(::waitid(P_PIDFD, static_cast<id_t>(slot.pidfd), &info, WEXITED) == 0, "waitid");
    if (info.si_code != CLD_EXITED || info.si_status != 0) all_good_ = false;
    close(slot.pidfd);
    for (unsigned i = 0; options_.capture && i < 2; ++i) {
      Pipe& pipe = slot.pipes[i];
      read(pipe);
      close(pipe.fd);
      const char* rest = pipe.bytes.data();
      for (std::size_t left = pipe.bytes.size(); left > 0;) {
        const ssize_t n = ::write(static_cast<int>(i) + 1, rest, left);
        check(n >= 0, "write");
        rest += n;
        left -= static_cast<std::size_t>(n);
      }
      pipe.bytes.clear();
    }
    free_.push_back(&slot);
  }

  Options options_;
  int epoll_;
  int null_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  bool all_good_ = true;
};

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int option = 0; (option = ::getopt(argc, argv, "+j:co")) != -1;) {
    if (option == 'j') options.jobs = std::atoi(optarg);
    if (option == 'c') options.capture = true;
    if (option == 'o') options.overlap = true;
    if (option == '?') return 64;
  }
  if (optind == argc || options.jobs < 1) {
    std::cerr << "usage: raw_loop [-j JOBS] [-c] [-o] PROGRAM [ARGUMENT...] <ITEMS\n";
    return 64;
  }
  std::ios::sync_with_stdio(false);
  return Loop(options, argv + optind).run() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "raw_loop: " << error.what() << '\n';
  return 70;
}
