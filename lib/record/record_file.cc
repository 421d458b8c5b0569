#include "lib/record/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

RecordFile::RecordFile(const std::string& flag, const std::string& path, Halt& halt)
    : name_(fmt::format("{} {}", flag, shell_quote(path))),
      fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)),
      halt_(halt) {
  if (fd_ >= 0) return;
  throw Error(ExitCode::cannot_create, fmt::format("{}: {}", name_, std::strerror(errno)));
}

RecordFile::~RecordFile() {
  if (fd_ >= 0) ::close(fd_);
}

void RecordFile::write(std::string_view lines) {
  if (failed_) return;
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t n = ::write(fd_, lines.data() + done, lines.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : ENOSPC;
      struct stat file {};
      // The last line shall be whole.
      if (done > 0 && ::fstat(fd_, &file) == 0 && S_ISREG(file.st_mode)) {
        [[maybe_unused]] const int cut = ::ftruncate(fd_, file.st_size - static_cast<off_t>(done));
      }
      failed_ = true;
      return halt_.lose_record(
          fmt::format("{} cannot be written ({})", name_, std::strerror(error)));
    }
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace gentlify
