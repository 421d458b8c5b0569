// Puts jobs at the end of the list that the hosts of a fleet share (--fleet-jobs stream), and waits
// until the server has them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/fleet/connection.h"

namespace gentlify::fleet {

class Push {
 public:
  /// `who` is a text of this push's own: what is sent twice for want of a reply counts once.
  /// `patience` is how long the server may be away.
  Push(Address address, std::string who, std::chrono::milliseconds patience);

  /// A longer item fits into no reply.
  static constexpr std::size_t longest_item = 512 * 1024;

  /// Keeps the item, or sends it with those before it. Throws Error: unavailable or no_permission
  /// where the server cannot be reached or refuses us; cannot_create where the list has ended.
  void add(std::string_view item);
  /// Sends what is kept. Throws as add does.
  void flush() {
    if (!items_.empty()) send(false);
  }
  /// Sends the rest; `end`: nothing more will be pushed by anyone. Throws as add does.
  void finish(bool end);

  /// So many items are with the server.
  std::uint64_t pushed() const { return pushed_; }
  /// So many jobs the list has had in all, once finished.
  std::uint64_t total() const { return total_; }

 private:
  static constexpr std::size_t most_items = 500;
  static constexpr std::size_t most_bytes = 512 * 1024;

  void send(bool end);
  std::optional<Reply> try_call(const std::vector<std::string>& args);
  void take(const Reply& reply);
  [[noreturn]] void give_up() const;

  boost::asio::io_context io_;
  Address address_;
  std::string who_;
  std::chrono::milliseconds patience_;
  std::string problem_;  // of the connection, last
  Connection connection_;
  std::vector<std::string> items_;
  std::size_t bytes_ = 0;  // of them
  std::uint64_t calls_ = 0, pushed_ = 0, total_ = 0;
};

}  // namespace gentlify::fleet
