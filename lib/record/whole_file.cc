#include "lib/record/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/record/write_whole.h"

namespace gentlify {

namespace {

/// How long a reader of a pipe may take nothing.
constexpr Duration patience = std::chrono::seconds(2);

/// The descriptor that a path such as /dev/stderr stands for; -1: none. What it is open on must not
/// be replaced, and may not be ours to open again.
int own_descriptor(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view head : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(head)) continue;
    path.remove_prefix(head.size());
    int fd = -1;
    const char* const end = path.data() + path.size();
    return std::from_chars(path.data(), end, fd).ptr == end ? fd : -1;
  }
  return -1;
}

mode_t mode_by_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// What a link stands for is replaced, not the link.
std::string resolved(const std::string& path) {
  char* const real = ::realpath(path.c_str(), nullptr);
  std::string out = real == nullptr ? path : real;
  std::free(real);  // NOLINT(cppcoreguidelines-no-malloc)
  return out;
}

}  // namespace

WholeFile::Draft::Draft(const WholeFile& file)
    : file_(file),
      path_(file.target_.empty() ? "" : file.target_ + ".XXXXXX"),
      fd_(path_.empty() ? file.fd_ : ::mkostemp(path_.data(), O_CLOEXEC)),
      error_(fd_ < 0 ? errno : 0) {}

WholeFile::Draft::~Draft() {
  if (path_.empty() || fd_ < 0) return;
  ::close(fd_);
  ::unlink(path_.c_str());
}

void WholeFile::Draft::append(std::string_view text) {
  if (error_ == 0) error_ = write_whole(fd_, text, path_.empty() ? patience : Duration::max());
}

void WholeFile::Draft::sync() {
  if (error_ == 0 && !path_.empty() && ::fdatasync(fd_) != 0) error_ = errno;
}

int WholeFile::Draft::publish() {
  if (path_.empty() || error_ != 0) return error_;
  struct stat old {};
  if (::stat(file_.target_.c_str(), &old) == 0) {
    // Only root can give a file away, and who cannot has to keep it.
    [[maybe_unused]] const int kept = ::fchown(fd_, old.st_uid, old.st_gid);
  }
  const mode_t mode = file_.mode_ ? *file_.mode_ : mode_by_umask();
  if (::fchmod(fd_, mode) != 0 || ::rename(path_.c_str(), file_.target_.c_str()) != 0) {
    return error_ = errno;
  }
  ::close(fd_);
  path_.clear();
  return 0;
}

WholeFile::WholeFile(const std::string& flag, const std::string& path, How how,
                     std::optional<mode_t> mode)
    : name_(fmt::format("{} {}", flag, shell_quote(path))), mode_(mode) {
  struct stat file {};
  const bool exists = ::stat(path.c_str(), &file) == 0;
  int error = 0;
  if (const int own = own_descriptor(path); own >= 0) {
    fd_ = ::fcntl(own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd_ < 0) error = errno;
  } else if (how == How::append || (exists && !S_ISREG(file.st_mode))) {
    // A pipe that nobody reads is not waited for.
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                 0666);
    if (fd_ < 0 || ::fcntl(fd_, F_SETFL, O_WRONLY | O_APPEND) != 0) error = errno;
  } else if (exists && ::access(path.c_str(), W_OK) != 0) {
    error = errno;
  } else {
    target_ = resolved(path);
    if (exists && !mode_) mode_ = file.st_mode & 07777;
    error = Draft(*this).error();
  }
  if (error == 0) return;
  throw Error(ExitCode::cannot_create, fmt::format("{}: {}", name_, std::strerror(error)));
}

WholeFile::~WholeFile() {
  if (fd_ >= 0) ::close(fd_);
}

int WholeFile::write(std::string_view text) {
  Draft draft(*this);
  draft.append(text);
  return draft.publish();
}

std::string WholeFile::describe(int error) const {
  return fmt::format("{} cannot be written ({})", name_, std::strerror(error));
}

}  // namespace gentlify
