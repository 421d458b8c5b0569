#include "lib/fleet/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/core/error.h"

namespace gentlify::fleet {

namespace {

constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_host = 253;  // of DNS

/// No part of the address is shown: with a / or an @ that is not encoded, any may be the password.
[[noreturn]] void refuse(std::string_view defect) {
  throw Error(ExitCode::bad_config,
              fmt::format("the address of a fleet must be redis://[USER:PASSWORD@]HOST[:PORT]/NAME "
                          "(rediss:// for TLS): {}",
                          defect));
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_made_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

std::optional<unsigned char> parse_hex(std::string_view text) {
  unsigned char value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 2 || error != std::errc() || end != text.data() + 2) return {};
  return value;
}

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = parse_hex(text.substr(i + 1, 2));
    if (!byte) refuse("a % in the user or the password needs two hex digits after it (%25 is a %)");
    out += static_cast<char>(*byte);
    i += 2;
  }
  return out;
}

/// "user", "user:password" or ":password". Bytes that end an address in other texts are not taken
/// as they are: where passwords are masked, they would end the mask.
void take_credentials(std::string_view text, Address& address) {
  if (text.find_first_of("/?# \t\r\n\"'") != std::string_view::npos) {
    refuse(
        "in a user or a password ? is written as %3F, # as %23, ' as %27, \" as %22 and a blank as "
        "%20");
  }
  const std::size_t colon = text.find(':');
  address.user = decode_percent(text.substr(0, colon));
  if (colon != std::string_view::npos) address.password = decode_percent(text.substr(colon + 1));
  if (address.user.empty() && address.password.empty()) {
    refuse("before the @ there is neither a user nor a password");
  }
}

void take_port(std::string_view text, Address& address) {
  if (text.empty()) return;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + 1, last, address.port);
  if (text.front() != ':' || error != std::errc() || end != last || address.port == 0) {
    refuse("its port must be a number from 1 to 65535");
  }
}

/// "host", "host:port" or "[IPv6]:port".
void take_place(std::string_view text, Address& address) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    address.host = text.substr(1, std::min(end, text.size()) - 1);
    in6_addr bytes{};
    if (end == std::string_view::npos || ::inet_pton(AF_INET6, address.host.c_str(), &bytes) != 1) {
      refuse("between its brackets there is no IPv6 address");
    }
    return take_port(text.substr(end + 1), address);
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  address.host = text.substr(0, colon);
  if (address.host.empty()) refuse("its host is missing");
  if (address.host.size() > longest_host || !is_made_of(address.host, ".-_")) {
    refuse(
        "its host is neither a name nor an address ([...] around IPv6; in a user or a password "
        "/ is written as %2F, and : as %3A)");
  }
  take_port(text.substr(colon), address);
}

}  // namespace

std::string Address::key(std::string_view end) const {
  return fmt::format("gt:{{{}}}:{}", name, end);
}

Address parse_address(std::string_view url) {
  Address address;
  const std::size_t slashes = url.find("://");
  const std::string_view scheme = url.substr(0, std::min(slashes, url.size()));
  if (slashes == std::string_view::npos || (scheme != "redis" && scheme != "rediss")) {
    refuse("it begins otherwise");
  }
  address.tls = scheme == "rediss";
  url.remove_prefix(slashes + 3);

  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string_view place = url.substr(0, slash);
  address.name = url.substr(std::min(slash + 1, url.size()));
  // A / in the password would make parts of it the host and the name.
  if (address.name.find('@') != std::string::npos) {
    refuse("in a user or a password / is written as %2F");
  }
  if (const std::size_t at = place.rfind('@'); at != std::string_view::npos) {
    take_credentials(place.substr(0, at), address);
    place.remove_prefix(at + 1);
  }
  take_place(place, address);
  if (address.name.empty()) refuse("the NAME of the fleet is missing");
  if (address.name.size() > longest_name || !is_made_of(address.name, "._:-")) {
    refuse("NAME must be of 1 to 128 letters, digits, or any of . _ : -");
  }
  return address;
}

}  // namespace gentlify::fleet
