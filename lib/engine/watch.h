// Readiness of descriptors, delivered through one epoll set that Asio sees as a single descriptor.
// Asio never touches the descriptors themselves: it would set O_NONBLOCK on standard streams that
// other programs share, and it would cost a registration for each of a job's descriptors.
//
// Where the set takes no more (ENOMEM; ENOSPC, over fs.epoll.max_user_watches), the descriptor is
// looked at every now and then instead, until there is room for it: a job that runs must not be
// lost for want of memory.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <vector>

namespace gentlify {

/// Who is told; of one descriptor at a time. It must be removed from the Watch before it ends.
class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;
  /// `events` as in epoll_wait(2). A hint: by now the descriptor may be no longer ready.
  virtual void on_ready(std::uint32_t events) = 0;

 private:
  friend class Watch;
  std::uint32_t place_ = 0;  // in the Watch's list, from 1; 0: not watched
};

class Watch {
 public:
  explicit Watch(boost::asio::io_context& io);

  /// Level-triggered. False where the descriptor is of a kind that is always ready (EPERM).
  /// Throws std::system_error on other errors.
  bool add(int fd, std::uint32_t events, Watched& watched);
  void modify(int fd, std::uint32_t events, Watched& watched);
  /// Before `fd` is closed: a child on its way to its program has a copy of it, which would keep it
  /// in the set. Nothing where it is not watched.
  void remove(int fd, Watched& watched);

 private:
  /// An event names a place and its generation, not an object: one that comes late finds that the
  /// place is free or that someone else has it by now.
  struct Place {
    Watched* watched = nullptr;
    std::uint32_t generation = 0;
  };

  /// One that the set had no room for.
  struct Starved {
    int fd;
    epoll_event event;
  };
  /// Who is to be told; nullptr where nobody is, any more.
  Watched* find(const epoll_event& event) const;

  void arm();
  void dispatch();
  void look_at_starved_later();
  void look_at_starved();
  epoll_event describe(std::uint32_t events, const Watched& watched) const;

  boost::asio::posix::stream_descriptor epoll_;
  std::vector<Place> places_{1};
  std::vector<std::uint32_t> free_;
  std::array<epoll_event, 64> ready_{};
  std::vector<Starved> starved_;
  boost::asio::steady_timer look_;
};

}  // namespace gentlify
