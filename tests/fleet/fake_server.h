// A server of a test's own that answers as the test says, in the loop of the test.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

class FakeServer {
 public:
  using Command = std::vector<std::string>;
  /// Gets each command but INFO; its answer is sent as it is.
  using Answer = std::function<std::string(const Command& command)>;

  static constexpr const char* hang_up = "(hang up)";      ///< at the end of an answer
  static std::string greeting(const std::string& run_id);  ///< to INFO

  FakeServer(boost::asio::io_context& io, Answer answer);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::uint16_t port() const;
  const std::vector<Command>& commands() const;  ///< all that came, in order
  std::size_t connections() const;               ///< that were accepted

  /// Instead of the greeting, to INFO.
  void set_greeting(const std::string& bytes);
  /// Answers go out one byte at a time.
  void trickle();
  /// Takes connections, and then neither reads nor answers.
  void stop_reading();
  /// Ends the connections that there are.
  void hang_up_all();
  /// Refuses further ones, too.
  void shut();

 private:
  struct State;
  std::shared_ptr<State> state_;
};
