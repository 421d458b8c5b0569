// Readiness of descriptors, delivered through one epoll set that Asio sees as a single descriptor.
// Asio never touches the descriptors themselves: it would set O_NONBLOCK on standard streams that
// other programs share, and it would cost a registration for each of a job's descriptors.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>

namespace gentlify {

/// Who is told. It must be forgotten by the Watch before it ends.
class Watched {
 public:
  virtual ~Watched() = default;
  /// `events` as in epoll_wait(2). A hint: by now the descriptor may be no longer ready.
  virtual void on_ready(std::uint32_t events) = 0;
};

class Watch {
 public:
  explicit Watch(boost::asio::io_context& io);

  /// Level-triggered. False where the descriptor is of a kind that is always ready (EPERM).
  /// Throws std::system_error on other errors.
  bool add(int fd, std::uint32_t events, Watched& watched);
  void modify(int fd, std::uint32_t events, Watched& watched);
  void remove(int fd, Watched& watched);
  /// For a descriptor that is about to be closed: the set drops it by itself.
  void forget(const Watched& watched);

 private:
  void arm();
  void dispatch();

  boost::asio::posix::stream_descriptor epoll_;
  std::array<epoll_event, 64> ready_{};
  std::size_t next_ready_ = 0, ready_count_ = 0;  // the part of ready_ not yet delivered
};

}  // namespace gentlify
