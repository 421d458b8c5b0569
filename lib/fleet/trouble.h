// What a server's error reply means to a fleet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/fleet/address.h"

namespace gentlify::fleet {

enum class Trouble {
  none,     ///< an answer to the command: whoever asked is told
  away,     ///< the server cannot do its work now
  refused,  ///< a password or a right is missing
  moved,    ///< another server has the fleet's keys
};

/// `text` as it stands in the error reply: "LOADING Redis is loading the dataset in memory".
Trouble trouble_of(std::string_view text);

/// The same for people, and fit for a terminal; it does not hold the password, even where the
/// server says it: "is loading its data (LOADING ...)".
std::string describe_trouble(std::string_view text, const Address& address);

struct Place {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const Place&) const = default;
};

/// Where "MOVED 3999 host:port" points to; an empty host: `from`'s. Nothing: nowhere.
std::optional<Place> place_moved_to(std::string_view text, const Place& from);

/// The value of `name` in the answer to INFO; empty: there is none.
std::string_view info_value(std::string_view info, std::string_view name);

}  // namespace gentlify::fleet
