#include "lib/engine/process.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "lib/engine/clock.h"

namespace gentlify {

namespace {

constexpr std::size_t read_size = 64 * 1024;
/// No more than a pipe can hold (/proc/sys/fs/pipe-max-size) was there at the child's end: what is
/// beyond that comes from someone who still writes.
constexpr std::size_t largest_pipe = 1024 * 1024;

}  // namespace

Process::Process(Watch& watch, Owner& owner, JobId job, Spawned child, Pipes pipes)
    : watch_(watch), owner_(owner), job_(job), pid_(child.pid), pidfd_(std::move(child.pidfd)) {
  watch_.add(pidfd_.get(), EPOLLIN, end_);
  this->watch(out_, std::move(pipes.out));
  this->watch(err_, std::move(pipes.err));
  this->watch(report_, std::move(pipes.report));
}

Process::~Process() {
  signal(SIGKILL);
  close_output();
  report_.close();
  watch_.remove(pidfd_.get(), end_);
}

void Process::watch(Pipe& pipe, Fd fd) {
  pipe.fd = std::move(fd);
  if (pipe.fd) watch_.add(pipe.fd.get(), EPOLLIN, pipe);
}

void Process::close_output() {
  out_.close();
  err_.close();
}

void Process::hold_output(bool held) {
  if (std::exchange(held_, held) == held) return;
  for (Pipe* pipe : {&out_, &err_}) {
    if (pipe->fd) watch_.modify(pipe->fd.get(), held ? 0U : std::uint32_t{EPOLLIN}, *pipe);
  }
}

void Process::signal(int signal) const {
  if (!exited_) ::kill(-pid_, signal);
}

void Process::stop() {
  stopping_ = true;
  signal(SIGTERM);
  signal(SIGCONT);
}

void Process::reap() {
  if (!kept_back_) return;
  kept_back_ = false;
  on_end();
}

void Process::expect_end() {
  stopping_ = false;
  reap();
}

void Process::abandon() {
  exit_ = {Exit::Kind::signal, SIGKILL};
  let_go();
  close_output();
  report_.close();
  owner_.on_exit(*this);
}

void Process::let_go() {
  exited_ = true;
  watch_.remove(pidfd_.get(), end_);
  pidfd_.reset();
}

void Process::End::on_ready(std::uint32_t) {
  if (process.stopping_) {
    process.watch_.remove(process.pidfd_.get(), *this);
    process.kept_back_ = true;
    return;
  }
  process.on_end();
}

/// A readiness event is a hint: where the child has not ended after all, the next one will tell.
void Process::on_end() {
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0) return;
  if (ended < 0) {
    exit_ = {Exit::Kind::signal, SIGKILL};  // reaped by someone else: its status is lost
  } else if (WIFSIGNALED(status)) {
    exit_ = {Exit::Kind::signal, WTERMSIG(status)};
  } else {
    exit_ = {Exit::Kind::code, WEXITSTATUS(status)};
  }
  let_go();
  out_.read_rest();
  err_.read_rest();
  // What it has left behind is not asked: a report that comes later comes too late.
  report_.read_rest();
  report_.close();
  reader_.end(monotonic_now(), wall_now());
  owner_.on_exit(*this);
}

void Process::Pipe::on_ready(std::uint32_t) {
  if (fd) read_once();
  if (process.exited_ && !process.output_open()) process.owner_.on_output_end(process);
}

bool Process::Pipe::read_once() {
  static std::array<char, read_size> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n > 0) {
    take({buffer.data(), static_cast<std::size_t>(n)});
    return true;
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) close();
  return false;
}

void Process::Pipe::read_rest() {
  std::size_t most = largest_pipe;
  while (fd && most > 0 && read_once()) most -= std::min(most, read_size);
}

void Process::Pipe::take(std::string_view read) {
  process.owner_.on_output(process, this == &process.out_ ? Stream::out : Stream::err, read);
}

void Process::ReportPipe::take(std::string_view read) {
  process.reader_.read(read, monotonic_now(), wall_now());
}

void Process::Pipe::close() {
  if (!fd) return;
  process.watch_.remove(fd.get(), *this);
  fd.reset();
}

}  // namespace gentlify
