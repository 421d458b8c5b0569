#include "lib/record/journal_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Jobs' own scripts use small numbers.
constexpr int least_alive_descriptor = 64;
constexpr Duration look_each = std::chrono::milliseconds(20);
constexpr Duration patience_with_the_dead = std::chrono::seconds(3);

std::string named(const std::string& path) {
  return "--journal " + shell_quote(path);
}

[[noreturn]] void refuse(ExitCode code, const std::string& path, const std::string& why) {
  throw Error(code, fmt::format("{}: {}", named(path), why));
}

[[noreturn]] void refuse(const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM;
  if (error == ELOOP) {
    refuse(ExitCode::cannot_create, path, "this is a symbolic link; name the file itself");
  }
  refuse(denied ? ExitCode::no_permission : ExitCode::cannot_create, path, std::strerror(error));
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void wait_a_little() {
  const timespec wait{0, look_each.count()};
  ::nanosleep(&wait, nullptr);
}

bool is_alive(pid_t pid) {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

/// Who holds the flock, as the kernel tells it; nothing where it does not, or who took it is dead.
std::optional<pid_t> lock_holder(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return {};
  const std::string inode =
      fmt::format(" {:02x}:{:02x}:{} ", ::major(file.st_dev), ::minor(file.st_dev), file.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    if (line.find("FLOCK") == std::string::npos || line.find(inode) == std::string::npos) continue;
    // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:12345 0 EOF"; those that wait have "->" in it.
    const std::size_t write = line.find("WRITE ");
    if (write == std::string::npos || line.find("->") != std::string::npos) continue;
    pid_t pid = 0;
    const char* const begin = line.data() + write + std::strlen("WRITE ");
    const auto parsed = std::from_chars(begin, line.data() + line.size(), pid);
    if (parsed.ec == std::errc() && pid > 0 && is_alive(pid)) return pid;
  }
  return {};
}

std::optional<pid_t> parse_pid(const char* text) {
  pid_t pid = 0;
  const char* const end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, pid);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(pid) : std::nullopt;
}

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(const std::string& path) {
  return {::opendir(path.c_str()), ::closedir};
}

bool has_open(pid_t pid, const struct stat& file) {
  const std::string fds = fmt::format("/proc/{}/fd", pid);
  const Directory directory = open_directory(fds);
  if (!directory) return false;
  while (const dirent* entry = ::readdir(directory.get())) {
    struct stat other {};
    if (::stat((fds + '/' + entry->d_name).c_str(), &other) != 0) continue;
    if (other.st_ino == file.st_ino && other.st_dev == file.st_dev) return true;
  }
  return false;
}

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

JournalFile::JournalFile(const std::string& path) : path_(path) {
  try {
    // Between our open and our lock another run may have put a mended file in its place.
    for (int tries = 3; tries > 0; --tries) {
      open();
      if (has_its_name()) return;
      ::close(std::exchange(fd_, -1));
    }
    refuse(ExitCode::try_later, path, "somebody is replacing the file; try again");
  } catch (...) {
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

void JournalFile::open() {
  constexpr int flags =
      O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;  // no wait
  fd_ = ::open(path_.c_str(), flags, 0600);
  if (fd_ < 0) refuse(path_, errno);
  struct stat file {};
  if (::fstat(fd_, &file) != 0) refuse(path_, errno);
  if (!S_ISREG(file.st_mode)) {
    refuse(ExitCode::cannot_create, path_,
           "this is no regular file, and a run could not go on from it");
  }
  if (file.st_uid != ::geteuid()) {
    refuse(ExitCode::no_permission, path_,
           fmt::format("the file belongs to another user (uid {})", file.st_uid));
  }
  lock();
  // It may have grown before it was ours.
  if (::fstat(fd_, &file) != 0) refuse(path_, errno);
  size_ = static_cast<std::uint64_t>(file.st_size);
}

bool JournalFile::has_its_name() const {
  struct stat ours {};
  struct stat named {};
  if (::fstat(fd_, &ours) != 0) refuse(path_, errno);
  if (::lstat(path_.c_str(), &named) != 0) {
    if (errno == ENOENT) return false;
    refuse(path_, errno);
  }
  return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

JournalFile::~JournalFile() {
  if (alive_ >= 0) ::close(alive_);
  if (fd_ >= 0) ::close(fd_);
}

JournalFile::JournalFile(JournalFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      alive_(std::exchange(other.alive_, -1)),
      size_(other.size_),
      torn_(other.torn_) {}

JournalFile& JournalFile::operator=(JournalFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(alive_, other.alive_);
  std::swap(size_, other.size_);
  std::swap(torn_, other.torn_);
  return *this;
}

/// A run that is alive is not waited for; one that was killed gives the lock back when the last of
/// its processes has ended.
void JournalFile::lock() {
  std::optional<pid_t> holder;
  for (Duration::rep i = 0; ::flock(fd_, LOCK_EX | LOCK_NB) != 0; ++i) {
    if (errno != EWOULDBLOCK) refuse(path_, errno);
    holder = lock_holder(fd_);
    if (holder || i == patience_with_the_dead / look_each) {
      const std::vector<pid_t> others = holder ? std::vector{*holder} : users();
      refuse(ExitCode::try_later, path_,
             fmt::format("{} is writing it; try again when it has ended",
                         others.empty() ? "another run"
                                        : fmt::format("the run with pid {}", others.front())));
    }
    wait_a_little();
  }
}

int JournalFile::alive() {
  if (alive_ >= 0) return alive_;
  const std::string name = fmt::format("/proc/self/fd/{}", fd_);
  const int opened = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return -1;
  struct flock shared = whole_file(F_RDLCK);
  if (::fcntl(opened, F_OFD_SETLK, &shared) == 0) {
    // Where so large a number is not allowed, any will do.
    alive_ = ::fcntl(opened, F_DUPFD_CLOEXEC, least_alive_descriptor);
    if (alive_ < 0) return alive_ = opened;
  }
  ::close(opened);
  return alive_;
}

/// The processes that have the file open, ourselves apart; as far as we may see them.
std::vector<pid_t> JournalFile::users() const {
  std::vector<pid_t> pids;
  struct stat file {};
  const Directory processes = open_directory("/proc");
  if (!processes || ::fstat(fd_, &file) != 0) return pids;
  while (const dirent* entry = ::readdir(processes.get())) {
    const std::optional<pid_t> pid = parse_pid(entry->d_name);
    if (pid && *pid != ::getpid() && has_open(*pid, file)) pids.push_back(*pid);
  }
  return pids;
}

void JournalFile::wait_for_jobs(Duration patience) const {
  const auto tries = patience / look_each;
  for (Duration::rep i = 0;; ++i) {
    struct flock wanted = whole_file(F_WRLCK);
    if (::fcntl(fd_, F_OFD_GETLK, &wanted) != 0 || wanted.l_type == F_UNLCK) return;
    if (i == tries) break;
    wait_a_little();
  }
  const std::vector<pid_t> pids = users();
  refuse(ExitCode::try_later, path_,
         fmt::format("processes that its run has started are still alive ({}); end them, or try "
                     "again when they have ended",
                     pids.empty() ? "none that can be seen"
                                  : fmt::format("pid {}", fmt::join(pids, ", "))));
}

int JournalFile::cut(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return errno;
  size_ = size;
  torn_ = false;
  return 0;
}

int JournalFile::append(std::string_view text) {
  std::size_t done = 0;
  int error = torn_ ? cut(size_) : 0;
  while (done < text.size() && error == 0) {
    const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (n == 0 || errno != EINTR) {
      error = n == 0 ? ENOSPC : errno;
    }
  }
  if (error == 0) {
    size_ += text.size();
  } else if (done > 0) {
    // Where that fails, too, nothing may follow the half of a record.
    torn_ = cut(size_) != 0;
  }
  return error;
}

int JournalFile::sync() const {
  while (::fdatasync(fd_) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

int JournalFile::sync_directory() const {
  const int directory = ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return errno;
  const int error = ::fsync(directory) == 0 ? 0 : errno;
  ::close(directory);
  return error;
}

std::string_view JournalFile::interference() const {
  struct stat file {};
  if (::fstat(fd_, &file) != 0) return {};
  if (file.st_nlink == 0) return "was removed while the run wrote it";
  if (static_cast<std::uint64_t>(file.st_size) != size_) return "was changed by somebody else";
  return {};
}

JournalFile JournalFile::make_successor() const {
  JournalFile made;
  made.path_ = path_ + ".XXXXXX";
  made.fd_ = ::mkostemp(made.path_.data(), O_APPEND | O_CLOEXEC);
  if (made.fd_ < 0) refuse(path_, errno);
  made.lock();
  return made;
}

int JournalFile::replace(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return errno;
  path_ = path;
  return sync_directory();
}

}  // namespace gentlify
