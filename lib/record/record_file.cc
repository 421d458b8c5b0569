#include "lib/record/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/record/write_whole.h"

namespace gentlify {

RecordFile::RecordFile(const std::string& flag, const std::string& path, How how, Halt& halt)
    : name_(fmt::format("{} {}", flag, shell_quote(path))),
      // A pipe that nobody reads is not waited for.
      fd_(::open(path.c_str(),
                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK |
                     (how == How::empty ? O_TRUNC : 0),
                 0666)),
      halt_(halt) {
  if (fd_ >= 0 && ::fcntl(fd_, F_SETFL, O_WRONLY | O_APPEND) == 0) return;
  throw Error(ExitCode::cannot_create, fmt::format("{}: {}", name_, std::strerror(errno)));
}

RecordFile::~RecordFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool RecordFile::is_empty() const {
  struct stat file {};
  return ::fstat(fd_, &file) != 0 || file.st_size == 0;
}

void RecordFile::write(std::string_view lines) {
  if (failed_) return;
  const int error = write_whole(fd_, lines);
  if (error == 0) return;
  failed_ = true;
  halt_.lose_record(fmt::format("{} cannot be written ({})", name_, std::strerror(error)));
}

}  // namespace gentlify
