#include "cli/annotations.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "cli/summary.h"

namespace gentlify {

namespace {

/// What ends a command or a part of it, and the sign that stands for such.
constexpr std::string_view special_in_message = "%\r\n";
constexpr std::string_view special_in_property = "%\r\n:,";

std::string encode(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

}  // namespace

bool Annotations::are_wanted() {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  return actions != nullptr && std::string_view(actions) == "true";
}

void Annotations::on_event(const Event& event, TimePoint) {
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr || ended->fate != Fate::failed || lines_.size() == shown) return;
  const std::string title = fmt::format("gentlify: job {} failed", number(ended->job.id));
  lines_.push_back(fmt::format("::error title={}::{}", encode(title, special_in_property),
                               encode(describe_failure(*ended, command_of_), special_in_message)));
}

}  // namespace gentlify
