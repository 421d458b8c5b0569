// Where a fleet meets: redis[s]://[user:password@]host[:port]/NAME.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gentlify::fleet {

struct Address {
  bool tls = false;
  std::string user;      ///< empty: the default one
  std::string password;  ///< empty: none is given
  std::string host;      ///< a name, or an address; IPv6 without its brackets
  std::uint16_t port = 6379;
  std::string name;  ///< of the fleet: 1 to 128 bytes out of [A-Za-z0-9._:-]

  /// The key of the fleet that ends so: "gt:{NAME}:st".
  std::string key(std::string_view end) const;
};

/// Throws Error(bad_config) with what is wrong, never with the password.
Address parse_address(std::string_view url);

}  // namespace gentlify::fleet
