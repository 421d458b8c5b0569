#include "lib/engine/out_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gentlify {

namespace {

/// A pipe that poll(2) calls writable takes so many bytes without blocking (PIPE_BUF).
constexpr std::size_t safe_write = 4096;

}  // namespace

OutStream::OutStream(Watch& watch, Spool& spool, int fd)
    : watch_(watch), fd_(fd), terminal_(::isatty(fd) == 1), queue_(spool) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0) {  // closed, or a stand-in for it: see fill_standard_fds
    error_ = EBADF;
    return;
  }
  if (terminal_) {
    const std::string name = "/proc/self/fd/" + std::to_string(fd);
    own_.reset(::open(name.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (own_) fd_ = own_.get();
  }
  // With no event asked for, the end of the reader is still told.
  pollable_ = watch_.add(fd_, 0, *this);
}

OutStream::~OutStream() {
  if (pollable_) watch_.remove(fd_, *this);
}

void OutStream::flush() {
  while (error_ == 0 && pending() > 0 && writable()) {
    const std::string_view bytes = queue_.front();
    if (bytes.empty()) return fail(EIO);  // the spool cannot be read
    const std::size_t size = pollable_ ? std::min(bytes.size(), safe_write) : bytes.size();
    const ssize_t n = ::write(fd_, bytes.data(), size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && pollable_) break;  // else nobody would tell when to go on
    if (n < 0) return fail(errno);
    queue_.drop(static_cast<std::size_t>(n));
  }
  if (error_ != 0) queue_.clear();
  set_waiting(pending() > 0);
}

bool OutStream::writable() const {
  if (!pollable_) return true;
  pollfd query{fd_, POLLOUT, 0};
  return ::poll(&query, 1, 0) == 1 && (query.revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
}

void OutStream::set_waiting(bool waiting) {
  if (waiting == waiting_ || !pollable_) return;
  waiting_ = waiting;
  watch_.modify(fd_, waiting ? EPOLLOUT : 0U, *this);
}

void OutStream::on_ready(std::uint32_t events) {
  // The turn of the loop that follows writes, when what led to these bytes is on record.
  if ((events & (EPOLLERR | EPOLLHUP)) == 0) return;
  if (used_) return fail(terminal_ ? EIO : EPIPE);
  // Nobody reads, and nothing was written: the first write will find out.
  watch_.remove(fd_, *this);
  pollable_ = false;
}

void OutStream::fail(int error) {
  error_ = error;
  queue_.clear();
  if (pollable_) watch_.remove(fd_, *this);
  pollable_ = false;
}

}  // namespace gentlify
