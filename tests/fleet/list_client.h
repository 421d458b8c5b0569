// Calls a script of the shared list on a server, as a host would, and waits for the reply.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/fleet/resp.h"
#include "lib/fleet/scripts.h"

struct redisContext;

class ListClient {
 public:
  /// Throws std::runtime_error where there is no server.
  explicit ListClient(std::uint16_t port);
  ~ListClient();
  ListClient(const ListClient&) = delete;
  ListClient& operator=(const ListClient&) = delete;

  gentlify::fleet::Reply command(const std::vector<std::string>& words);
  /// `keys` are the ends of their names, in the fleet "t".
  gentlify::fleet::Reply call(const gentlify::fleet::Script& script,
                              std::span<const std::string_view> keys,
                              const std::vector<std::string>& args);

 private:
  redisContext* redis_;
};
