#include "lib/engine/watch.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace gentlify {

namespace {

/// How often descriptors are looked at that the set had no room for.
constexpr auto look_each = std::chrono::milliseconds(50);

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

Watch::Watch(boost::asio::io_context& io) : epoll_(io, make_epoll()), look_(io) {
  arm();
}

bool Watch::add(int fd, std::uint32_t events, Watched& watched) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  watched.place_ = free_.back();
  epoll_event event = describe(events, watched);
  const bool added = ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
  if (!added && errno != ENOMEM && errno != ENOSPC) {
    watched.place_ = 0;
    if (errno == EPERM) return false;
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  places_[watched.place_].watched = &watched;
  free_.pop_back();
  if (!added) {
    starved_.push_back({fd, event});
    look_at_starved_later();
  }
  return true;
}

void Watch::modify(int fd, std::uint32_t events, Watched& watched) {
  epoll_event event = describe(events, watched);
  const auto starved = std::find_if(starved_.begin(), starved_.end(), [&](const Starved& s) {
    return s.event.data.u64 == event.data.u64;
  });
  if (starved != starved_.end()) {
    starved->event = event;
  } else if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) != 0) {
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

Watched* Watch::find(const epoll_event& event) const {
  const Place& place = places_[event.data.u64 & 0xFFFFFFFF];
  return place.generation == event.data.u64 >> 32 ? place.watched : nullptr;
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
    if (Watched* const watched = find(ready_[i])) watched->on_ready(ready_[i].events);
  }
}

void Watch::look_at_starved_later() {
  look_.expires_after(look_each);
  look_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look_at_starved();
  });
}

void Watch::look_at_starved() {
  std::erase_if(starved_, [this](Starved& s) {
    return find(s.event) == nullptr ||
           ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, s.fd, &s.event) == 0;
  });
  for (const Starved& s : std::vector<Starved>(starved_)) {
    Watched* const watched = find(s.event);
    pollfd query{s.fd, static_cast<short>(s.event.events), 0};
    if (watched != nullptr && ::poll(&query, 1, 0) == 1) {
      watched->on_ready(static_cast<std::uint32_t>(query.revents));
    }
  }
  if (!starved_.empty()) look_at_starved_later();
}

}  // namespace gentlify
