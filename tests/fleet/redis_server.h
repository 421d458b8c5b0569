// A redis-server of a test's own: on loopback, on a free port, in a directory of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

class RedisServer {
 public:
  /// Starts it with these words added to its command line, and waits until it answers. Throws
  /// std::runtime_error where it cannot be started.
  explicit RedisServer(std::vector<std::string> words = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  const std::string& directory() const { return directory_; }

  /// SIGKILL, and waits for it.
  void kill();
  /// Starts it again, on the same port and directory.
  void start();

 private:
  std::vector<std::string> words_;
  std::string directory_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};
