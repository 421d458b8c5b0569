#include "lib/record/write_whole.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace gentlify {

namespace {

/// 0 where so much as a pipe takes at once can be written without a wait.
int wait_for_room(int fd, Duration patience) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  pollfd wanted{fd, POLLOUT, 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(ms));
  if (ready == 0) return ETIMEDOUT;
  return ready < 0 ? errno : 0;
}

}  // namespace

int write_whole(int fd, std::string_view text, Duration patience) {
  const bool patient = patience == Duration::max();
  std::size_t done = 0;
  int error = 0;
  while (done < text.size() && error == 0) {
    const std::size_t left = text.size() - done;
    if (!patient && (error = wait_for_room(fd, patience)) != 0) continue;
    const ssize_t n =
        ::write(fd, text.data() + done, patient ? left : std::min<std::size_t>(left, PIPE_BUF));
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (n == 0 || errno != EINTR) {
      error = n == 0 ? ENOSPC : errno;
    }
  }
  struct stat file {};
  if (error != 0 && done > 0 && ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
    [[maybe_unused]] const int cut = ::ftruncate(fd, file.st_size - static_cast<off_t>(done));
  }
  return error;
}

}  // namespace gentlify
