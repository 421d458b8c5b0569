#include "tests/fleet/redis_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <stdexcept>

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// One that nobody has now.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  bool pong = false;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    char answer[64] = {};
    // Whatever it says, -LOADING and -NOAUTH included, it listens.
    pong = ::send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 && ::recv(fd, answer, sizeof answer, 0) > 0;
  }
  ::close(fd);
  return pong;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> words) : words_(std::move(words)) {
  std::string directory = std::filesystem::temp_directory_path() / "gentlify-redis-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("no directory for redis");
  directory_ = directory;
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void RedisServer::start() {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (port_ == 0 || attempt > 0) port_ = free_port();
    std::vector<std::string> words = {"redis-server",
                                      "--bind",
                                      "127.0.0.1",
                                      "--port",
                                      std::to_string(port_),
                                      "--dir",
                                      directory_,
                                      "--save",
                                      "",
                                      "--logfile",
                                      directory_ + "/log",
                                      "--daemonize",
                                      "no"};
    words.insert(words.end(), words_.begin(), words_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    if (::posix_spawnp(&pid_, "redis-server", nullptr, nullptr, argv.data(), environ) != 0) {
      throw std::runtime_error("redis-server cannot be started");
    }
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (answers(port_)) return;
      const timespec little{0, 5'000'000};
      ::nanosleep(&little, nullptr);
    }
    pid_ = -1;  // someone else took the port: another one
  }
  throw std::runtime_error("redis-server ends at once");
}

void RedisServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}
