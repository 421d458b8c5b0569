// The addresses of a host's name, without waiting for them: Asio's own resolver needs a thread that
// an io_context for one thread does not allow.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gentlify::fleet {

class Resolver {
 public:
  /// None: `problem` says why, as a verb and what follows it.
  using Handler = std::function<void(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                     const std::string& problem)>;

  explicit Resolver(boost::asio::io_context& io);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `handler` in a later turn of the loop, after 10 s at the latest. One name at a time.
  void resolve(const std::string& host, std::uint16_t port, Handler handler);
  /// The handler is not called any more.
  void cancel();

 private:
  struct Request;
  void poll();
  void finish();
  /// In a later turn, unless it is cancelled by then.
  void after(std::chrono::milliseconds pause, std::function<void()> act);

  boost::asio::steady_timer timer_;
  std::unique_ptr<Request> request_;
  Handler handler_;
  std::chrono::steady_clock::time_point deadline_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< a turn may come too late
};

}  // namespace gentlify::fleet
