// A Connection in a loop of a test's own, and what it told.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/fleet/connection.h"
#include "tests/unit/catch.h"

struct Client {
  using Reply = gentlify::fleet::Reply;

  explicit Client(boost::asio::io_context& loop, const std::string& url,
                  gentlify::fleet::ConnectionTimes times = quick())
      : io(loop), connection(loop, gentlify::fleet::parse_address(url), listener(), times) {}

  /// Pauses between connections so short that a test does not wait; replies may take their time.
  static gentlify::fleet::ConnectionTimes quick() {
    using namespace std::chrono_literals;
    return {20s, 20s, 10ms, 40ms};
  }

  gentlify::fleet::Connection::Listener listener() {
    return {[this] { ++opened; },
            [this](const std::string& problem) {
              ++closed;
              problems.push_back(problem);
            }};
  }

  /// Turns of the loop until it holds; fails the test where it does not within a minute.
  void until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      io.run_one_for(std::chrono::milliseconds(100));
    }
  }

  void open() {
    connection.open();
    until([this] { return opened > 0; });
  }

  /// Nothing: it was lost.
  std::optional<Reply> ask(const std::vector<std::string>& words) {
    std::optional<std::optional<Reply>> answer;
    connection.call(words, [&](const std::optional<Reply>& reply) { answer = reply; });
    until([&] { return answer.has_value(); });
    return *answer;
  }

  std::string text(const std::vector<std::string>& words) {
    const auto reply = ask(words);
    return reply ? reply->text : "(lost)";
  }

  boost::asio::io_context& io;
  int opened = 0;
  int closed = 0;
  std::vector<std::string> problems;
  gentlify::fleet::Connection connection;  // tells the others
};
