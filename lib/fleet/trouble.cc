#include "lib/fleet/trouble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/core/text.h"

namespace gentlify::fleet {

namespace {

struct Known {
  std::string_view code;
  Trouble trouble;
  std::string_view words;
};

constexpr std::array known = {
    Known{"LOADING", Trouble::away, "is loading its data"},
    Known{"BUSY", Trouble::away, "is busy with a script"},
    Known{"OOM", Trouble::away, "is out of memory"},
    Known{"READONLY", Trouble::away, "is a replica, which takes no writes"},
    Known{"MASTERDOWN", Trouble::away, "is a replica that has lost its master"},
    Known{"CLUSTERDOWN", Trouble::away, "belongs to a cluster that is down"},
    Known{"TRYAGAIN", Trouble::away, "is moving the fleet's keys"},
    Known{"ASK", Trouble::away, "is moving the fleet's keys"},
    Known{"MISCONF", Trouble::away, "cannot save its data"},
    Known{"NOREPLICAS", Trouble::away, "has too few replicas"},
    Known{"NOAUTH", Trouble::refused, "wants a password"},
    Known{"WRONGPASS", Trouble::refused, "does not take this user or password"},
    Known{"NOPERM", Trouble::refused, "does not permit this user what a fleet needs"},
    Known{"MOVED", Trouble::moved, "has given the fleet's keys to another server"},
};

/// "LOADING ...", or, before Redis 7, the same from within a script:
/// "ERR Error running script (call to f_...): @user_script:1: @user_script: 1: -OOM ...".
std::string_view code_of(std::string_view text) {
  constexpr std::string_view mark = ": -";
  if (text.starts_with("ERR Error running script")) {
    const std::size_t inner = text.find(mark);
    if (inner != std::string_view::npos) text.remove_prefix(inner + mark.size());
  }
  if (text.starts_with("ERR ACL failure in script")) return "NOPERM";
  return text.substr(0, text.find(' '));
}

const Known* find(std::string_view text) {
  const std::string_view code = code_of(text);
  const auto* const one =
      std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.code == code; });
  return one == known.end() ? nullptr : one;
}

bool may_be_host(std::string_view host) {
  return host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_' || c == ':';
         });
}

}  // namespace

Trouble trouble_of(std::string_view text) {
  const Known* const one = find(text);
  return one == nullptr ? Trouble::none : one->trouble;
}

std::string describe_trouble(std::string_view text, const Address& address) {
  constexpr std::size_t width = 160;
  const Known* const one = find(text);
  const bool tells =
      !address.password.empty() && text.find(address.password) != std::string_view::npos;
  const std::string said =
      tells ? std::string("it repeats the password") : clip(escape(text), width);
  return fmt::format("{} ({})", one == nullptr ? "answers with an error" : one->words, said);
}

std::optional<Place> place_moved_to(std::string_view text, const Place& from) {
  const std::size_t space = text.rfind(' ');
  const std::size_t colon = text.rfind(':');
  if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) {
    return {};
  }
  Place place{std::string(text.substr(space + 1, colon - space - 1)), 0};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + colon + 1, last, place.port);
  if (error != std::errc() || end != last || place.port == 0 || !may_be_host(place.host)) return {};
  if (place.host.empty()) place.host = from.host;
  return place;
}

std::string_view info_value(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const std::size_t end = std::min(info.find("\r\n"), info.size());
    const std::string_view line = info.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
    info.remove_prefix(std::min(end + 2, info.size()));
  }
  return {};
}

}  // namespace gentlify::fleet
