#include "lib/engine/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Who comes while others are served waits.
constexpr int backlog = 128;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ExitCode::cannot_create, fmt::format("--control {}: {}", shell_quote(path), why));
}

/// The path must fit.
sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool bind_to(int fd, const std::string& path) {
  const sockaddr_un address = address_of(path);
  // Nobody else may connect, at no time.
  const mode_t mask = ::umask(0177);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  ::umask(mask);
  errno = error;
  return bound;
}

/// Takes away the name of a socket that nobody listens at.
void remove_leftover(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return;
  if (!S_ISSOCK(file.st_mode)) {
    refuse(path, "there is something else of that name: name another path");
  }
  if (connect_to(path)) {
    refuse(path, "another run listens there: name another path");
  }
  if (errno != ECONNREFUSED) refuse(path, std::strerror(errno));
  ::unlink(path.c_str());
}

}  // namespace

SocketDirectoryLock::SocketDirectoryLock(const std::string& directory)
    : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  constexpr int tries = 100;
  constexpr timespec between{0, 10'000'000};
  for (int i = 0; i < tries && fd_ && ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
    ::nanosleep(&between, nullptr);
  }
}

ListeningSocket::ListeningSocket(const std::string& path) : path_(path) {
  if (path.size() > longest_socket_path) {
    refuse(path, fmt::format("a socket's path has at most {} bytes", longest_socket_path));
  }
  fd_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd_) refuse(path, std::strerror(errno));
  const SocketDirectoryLock lock(directory_of(path));
  bool bound = bind_to(fd_.get(), path);
  if (!bound && errno == EADDRINUSE) {
    remove_leftover(path);
    bound = bind_to(fd_.get(), path);
  }
  struct stat file {};
  if (!bound || ::listen(fd_.get(), backlog) != 0 || ::lstat(path.c_str(), &file) != 0) {
    refuse(path, std::strerror(errno));
  }
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

/// Unless someone else has the name by now.
ListeningSocket::~ListeningSocket() {
  struct stat file {};
  if (::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

Fd connect_to(const std::string& path) {
  if (path.size() > longest_socket_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  const sockaddr_un address = address_of(path);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return fd;
  }
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

std::optional<uid_t> user_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return peer.uid;
}

}  // namespace gentlify
