#include "lib/engine/watch.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace gentlify {

namespace {

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

Watch::Watch(boost::asio::io_context& io) : epoll_(io, make_epoll()) {
  arm();
}

bool Watch::add(int fd, std::uint32_t events, Watched& watched) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  watched.place_ = free_.back();
  epoll_event event = describe(events, watched);
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0) {
    places_[watched.place_].watched = &watched;
    free_.pop_back();
    return true;
  }
  watched.place_ = 0;
  if (errno == EPERM) return false;
  throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Watch::modify(int fd, std::uint32_t events, Watched& watched) {
  epoll_event event = describe(events, watched);
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void Watch::remove(int fd, Watched& watched) {
  if (watched.place_ == 0) return;
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  places_[watched.place_].watched = nullptr;
  ++places_[watched.place_].generation;
  free_.push_back(watched.place_);
  watched.place_ = 0;
}

epoll_event Watch::describe(std::uint32_t events, const Watched& watched) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = std::uint64_t{places_[watched.place_].generation} << 32 | watched.place_;
  return event;
}

void Watch::arm() {
  epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](const boost::system::error_code& error) {
                      if (error) return;
                      dispatch();
                      arm();
                    });
}

void Watch::dispatch() {
  const int n =
      ::epoll_wait(epoll_.native_handle(), ready_.data(), static_cast<int>(ready_.size()), 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(n, 0)); ++i) {
    const Place place = places_[ready_[i].data.u64 & 0xFFFFFFFF];
    const bool current = place.generation == ready_[i].data.u64 >> 32;
    if (current && place.watched != nullptr) place.watched->on_ready(ready_[i].events);
  }
}

}  // namespace gentlify
