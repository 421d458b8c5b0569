// Answers requests that come through a socket while a run goes.
//
// It cannot hold the run up, whoever is at the other end: 8 clients at most, the others wait to be
// taken; a request has a bound; a client that for 2 s neither asks whole nor takes any of its
// answer is sent away; and after each connection and each answer there is a rest of 5 ms, so that
// all of them together are a few hundred questions a second.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "lib/core/time.h"
#include "lib/engine/fd.h"
#include "lib/engine/watch.h"

namespace gentlify {

class Server : private Watched {
 public:
  struct Reply {
    std::string bytes;
    bool last = false;  ///< the client is sent away with it
  };
  /// What requests are made of, and what is said to them; called in the turns of the loop.
  struct Protocol {
    /// Says something to a client that is not welcome, who is sent away with it; else nothing.
    std::function<std::optional<Reply>(int fd)> greet;
    /// Takes the next whole request off `received`, and answers; nothing: it has not come whole.
    std::function<std::optional<Reply>(std::string& received)> answer;
    /// More than so much of a request that is not whole is too much, and this is said.
    std::size_t longest = 4096;
    std::string too_long = {};
  };

  /// `listener` listens, without blocking, and outlives this.
  Server(boost::asio::io_context& io, Watch& watch, int listener, Protocol protocol);
  ~Server() override;

 private:
  struct Client : Watched {
    Client(Server& at, Fd socket) : owner(at), fd(std::move(socket)) {}
    ~Client() override { owner.watch_.remove(fd.get(), *this); }
    void on_ready(std::uint32_t events) override { owner.serve(*this, events); }

    Server& owner;
    Fd fd;
    std::string received;
    std::string answer;  // what of it is still to be taken
    std::size_t taken = 0;
    TimePoint patience_until = never;
    TimePoint rests_until{};
    bool last = false;
    bool gone = false;
  };

  void on_ready(std::uint32_t events) override;
  void serve(Client& client, std::uint32_t events);
  void read_from(Client& client);
  void answer_next(Client& client);
  void say(Client& client, Reply reply);
  void write_to(Client& client);
  void wait_for(Client& client);
  void on_time();
  void plan();

  Watch& watch_;
  int listener_;
  Protocol protocol_;
  std::list<Client> clients_;
  TimePoint rests_until_{};
  bool listens_ = true;
  boost::asio::steady_timer timer_;
};

}  // namespace gentlify
