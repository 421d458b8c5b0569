#include "lib/engine/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "lib/engine/clock.h"

namespace gentlify {

namespace {

constexpr std::size_t most_clients = 8;
constexpr Duration patience = std::chrono::seconds(2);
constexpr Duration breath = std::chrono::milliseconds(5);

}  // namespace

Server::Server(boost::asio::io_context& io, Watch& watch, int listener, Protocol protocol)
    : watch_(watch), listener_(listener), protocol_(std::move(protocol)), timer_(io) {
  watch_.add(listener_, EPOLLIN, *this);
}

Server::~Server() {
  watch_.remove(listener_, *this);
}

/// Someone wants to connect.
void Server::on_ready(std::uint32_t) {
  Fd fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  const TimePoint now = monotonic_now();
  rests_until_ = later(now, breath);
  if (fd) {
    Client& client = clients_.emplace_back(*this, std::move(fd));
    client.patience_until = later(now, patience);
    watch_.add(client.fd.get(), EPOLLIN, client);
    if (auto refusal = protocol_.greet(client.fd.get())) say(client, std::move(*refusal));
  }
  plan();
}

void Server::serve(Client& client, std::uint32_t events) {
  if (client.answer.empty()) {
    read_from(client);
  } else if ((events & EPOLLOUT) != 0) {
    write_to(client);
  } else {
    client.gone = true;
  }
  plan();
}

void Server::read_from(Client& client) {
  std::array<char, 4096> bytes{};
  const ssize_t n = ::recv(client.fd.get(), bytes.data(), bytes.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    client.gone = true;
    return;
  }
  client.received.append(bytes.data(), static_cast<std::size_t>(n));
  answer_next(client);
}

void Server::answer_next(Client& client) {
  if (auto reply = protocol_.answer(client.received)) {
    say(client, std::move(*reply));
  } else if (client.received.size() >= protocol_.longest) {
    say(client, {protocol_.too_long, true});
  } else {
    wait_for(client);
  }
}

void Server::say(Client& client, Reply reply) {
  client.answer = std::move(reply.bytes);
  client.taken = 0;
  client.last = client.last || reply.last;
  write_to(client);
}

void Server::write_to(Client& client) {
  const std::string_view rest = std::string_view(client.answer).substr(client.taken);
  const ssize_t n = ::send(client.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) {
    client.gone = true;
    return;
  }
  const TimePoint now = monotonic_now();
  if (n > 0) {
    client.taken += static_cast<std::size_t>(n);
    client.patience_until = later(now, patience);
  }
  if (client.taken == client.answer.size()) {
    client.answer.clear();
    client.gone = client.last;
    client.rests_until = later(now, breath);
    client.patience_until = later(now, patience);
  }
  wait_for(client);
}

/// What is to be heard of it now.
void Server::wait_for(Client& client) {
  const bool rests = client.rests_until != TimePoint{};
  const std::uint32_t what = client.answer.empty() ? EPOLLIN : EPOLLOUT;
  watch_.modify(client.fd.get(), rests && client.answer.empty() ? 0U : what, client);
}

void Server::on_time() {
  const TimePoint now = monotonic_now();
  for (Client& client : clients_) {
    if (client.patience_until <= now) client.gone = true;
    if (client.gone || client.rests_until == TimePoint{} || client.rests_until > now) continue;
    client.rests_until = {};
    answer_next(client);  // it may have sent several
  }
  clients_.remove_if([](const Client& client) { return client.gone; });
  plan();
}

/// Hears or does not hear who connects, and sets the clock. A client whose call may be on the stack
/// leaves with the next tick.
void Server::plan() {
  const TimePoint now = monotonic_now();
  TimePoint next = never;
  for (const Client& client : clients_) {
    next = std::min(next, client.gone ? now : client.patience_until);
    if (client.rests_until != TimePoint{}) next = std::min(next, client.rests_until);
  }
  const bool full = clients_.size() >= most_clients;
  const bool listens = !full && rests_until_ <= now;
  if (listens != std::exchange(listens_, listens)) {
    watch_.modify(listener_, listens ? EPOLLIN : 0U, *this);
  }
  if (!full && !listens) next = std::min(next, rests_until_);
  if (next == never) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(to_steady(next));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_time();
  });
}

}  // namespace gentlify
