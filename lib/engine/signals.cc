#include "lib/engine/signals.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "lib/core/exit_code.h"
#include "lib/engine/guardian.h"

namespace gentlify {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

bool end_is_asked_for() {
  sigset_t pending;
  if (::sigpending(&pending) != 0) return false;
  const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, guardian_died()};
  return std::any_of(std::begin(enders), std::end(enders),
                     [&](int signal) { return ::sigismember(&pending, signal) == 1; });
}

Signals::Signals(Watch& watch, std::function<void(int)> on_signal)
    : watch_(watch), on_signal_(std::move(on_signal)) {
  // Ignored children would be reaped by the kernel, and jobs would inherit what is ignored.
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    const bool stays =
        signal == SIGINT || signal == SIGHUP || signal == SIGQUIT || signal == SIGTSTP;
    if (!stays && is_ignored(signal)) ::signal(signal, SIG_DFL);
  }
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGUSR1, SIGUSR2, guardian_died()}) {
    ::sigaddset(&wanted, signal);
  }
  for (const int signal : {SIGINT, SIGHUP, SIGQUIT, SIGTSTP}) {
    if (!is_ignored(signal)) ::sigaddset(&wanted, signal);
  }
  sigset_t blocked = wanted;
  // As errors of write(2) they tell more. Jobs start with nothing blocked.
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::sigaddset(&blocked, signal);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  fd_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
  watch_.add(fd_.get(), EPOLLIN, *this);
}

Signals::~Signals() {
  watch_.remove(fd_.get(), *this);
}

void Signals::on_ready(std::uint32_t) {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) {
    on_signal_(static_cast<int>(info.ssi_signo));
  }
}

void die_of(int signal) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::signal(signal, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(signal_base + signal);  // process 1 does not die of a signal
}

}  // namespace gentlify
