#include "lib/engine/child_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gentlify {

bool PipeEnds::open() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  read.reset(ends[0]);
  write.reset(ends[1]);
  return ::fcntl(ends[0], F_SETFL, O_RDONLY | O_NONBLOCK) == 0;
}

Fd file_with(std::string_view bytes) {
  Fd file(::memfd_create("item", MFD_CLOEXEC));
  for (std::size_t done = 0; file && done < bytes.size();) {
    const ssize_t n = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw std::system_error(n < 0 ? errno : ENOSPC, std::generic_category());
    done += static_cast<std::size_t>(n);
  }
  if (!file || ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
  return file;
}

}  // namespace gentlify
