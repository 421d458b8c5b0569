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
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0) return true;
  if (errno == EPERM) return false;
  throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Watch::modify(int fd, std::uint32_t events, Watched& watched) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void Watch::remove(int fd, Watched& watched) {
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watched);
}

void Watch::forget(const Watched& watched) {
  for (std::size_t i = next_ready_; i < ready_count_; ++i) {
    if (ready_[i].data.ptr == &watched) ready_[i].data.ptr = nullptr;
  }
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
  ready_count_ = static_cast<std::size_t>(std::max(n, 0));
  for (next_ready_ = 0; next_ready_ < ready_count_;) {
    const epoll_event event = ready_[next_ready_++];
    // Null: forgotten by an earlier call of this very round.
    if (event.data.ptr) static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
  }
}

}  // namespace gentlify
