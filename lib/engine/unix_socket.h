// A socket with a name in the file system, for who runs as the same user.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "lib/engine/fd.h"

namespace gentlify {

/// The longest path that a socket can have.
inline constexpr std::size_t longest_socket_path = 107;

/// Holds others off who make sockets in the same directory, or look for those that are left over:
/// between its bind(2) and listen(2) a socket looks like one. Who holds it longer than a second is
/// not waited for.
class SocketDirectoryLock {
 public:
  explicit SocketDirectoryLock(const std::string& directory);

 private:
  Fd fd_;
};

/// Listens, and takes the name away at the end.
class ListeningSocket {
 public:
  /// Only we ourselves may connect (0600). A name that is left over from a run that is no more is
  /// taken over. Throws Error(cannot_create): the path is too long, another run listens there,
  /// something else has the name, or the system refuses.
  explicit ListeningSocket(const std::string& path);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Fd fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// A connection; none, and errno, where there can be none: ECONNREFUSED where nobody listens.
Fd connect_to(const std::string& path);

/// The user at the other side of a connection; nothing where that cannot be found out.
std::optional<uid_t> user_of(int fd);

}  // namespace gentlify
