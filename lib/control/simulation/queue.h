// A queue before `servers` servers (M/M/c where starts are at random), first come first served. An
// attempt's time in service is exponential. A client that has hung up is not noticed: its attempt
// stays in the queue and takes a server for nothing (a zombie), unless the service cleans up.
//
// With arrivals at rate l, mean service time d, a = l * d and c servers, the mean time in the queue
// is, by Erlang's formula C,
//
//   W = C / (c / d - l),  C = P / (1 - a / c) / (sum over k < c of a^k / k! + P / (1 - a / c)),
//   P = a^c / c!
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace gentlify::sim {

/// Names an attempt within the service; used again after its end.
using Ticket = std::uint32_t;

class Queue {
 public:
  /// `servers` at least 1.
  explicit Queue(int servers, bool zombies = true) : servers_(servers), zombies_(zombies) {}

  /// An attempt comes; returns it where a server takes it at once.
  std::optional<Ticket> enter(Ticket ticket) {
    if (busy_ == servers_) {
      waiting_.push_back(ticket);
      return {};
    }
    ++busy_;
    return ticket;
  }

  /// A server has become free; returns the attempt that it takes next.
  std::optional<Ticket> leave() {
    if (waiting_.empty()) {
      --busy_;
      return {};
    }
    const Ticket next = waiting_.front();
    waiting_.pop_front();
    return next;
  }

  /// A client has hung up, and the service has noticed; true where its attempt was still waiting.
  bool forget(Ticket ticket) { return std::erase(waiting_, ticket) > 0; }

  bool zombies() const { return zombies_; }
  int servers() const { return servers_; }
  bool has_room() const { return busy_ < servers_; }

 private:
  int servers_;
  bool zombies_;
  int busy_ = 0;
  std::deque<Ticket> waiting_;
};

}  // namespace gentlify::sim
