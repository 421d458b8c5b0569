#include "lib/record/framed_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

FramedFile::FramedFile(const std::string& flag, const std::string& path, std::string foot,
                       Halt& halt)
    : name_(fmt::format("{} {}", flag, shell_quote(path))), foot_(std::move(foot)), halt_(halt) {
  struct stat file {};
  const auto refuse = [&](const char* why) {
    throw Error(ExitCode::cannot_create, fmt::format("{}: {}", name_, why));
  };
  constexpr auto irregular = "not a regular file, and no other can be written over as the run goes";
  // Asked first: a FIFO is not to be opened, nor a device emptied.
  if (::stat(path.c_str(), &file) == 0 && !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode)) {
    refuse(irregular);
  }
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
  if (fd_ < 0) refuse(std::strerror(errno));
}

FramedFile::~FramedFile() {
  if (fd_ >= 0) ::close(fd_);
}

int FramedFile::write_at(off_t place, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), place);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(n));
    place += n;
  }
  return 0;
}

void FramedFile::write(std::string_view head, std::string_view body) {
  if (failed_) return;
  // The body and the foot are one write, as is the first of all; the head then stays on its page.
  const bool first = end_ == 0;
  std::string text(first ? head : std::string_view());
  text.append(body).append(foot_);
  int error = write_at(end_, text);
  if (error == 0) {
    end_ += static_cast<off_t>(text.size() - foot_.size());
    if (!first) error = write_at(0, head);
  } else {
    [[maybe_unused]] const int foot_error = first ? 0 : write_at(end_, foot_);
    const off_t size = first ? 0 : end_ + static_cast<off_t>(foot_.size());
    [[maybe_unused]] const int cut = ::ftruncate(fd_, size);
  }
  if (error == 0) return;
  failed_ = true;
  halt_.lose_record(fmt::format("{} cannot be written ({})", name_, std::strerror(error)));
}

}  // namespace gentlify
