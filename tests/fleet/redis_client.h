// A client for tests: one command, one reply, and the test waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/fleet/resp.h"

struct redisContext;

class RedisClient {
 public:
  /// Connects to a server on loopback. Throws std::runtime_error where that, or anything below,
  /// fails; an error that the server replies is a reply.
  explicit RedisClient(std::uint16_t port);

  gentlify::fleet::Reply call(const std::vector<std::string>& words);
  /// Its own descriptor, for a test that waits for several.
  int fd() const;
  /// The two halves of a call.
  void send(const std::vector<std::string>& words);
  gentlify::fleet::Reply receive();

  /// Of the server, 40 hex digits.
  std::string run_id();

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Close> context_;
};
