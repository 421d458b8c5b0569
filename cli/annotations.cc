#include "cli/annotations.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "cli/summary.h"

namespace gentlify {

namespace {

constexpr std::size_t shown = 10;  // GitHub keeps no more of a step

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

std::vector<std::string> annotations(const FailedJobs& failed) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions == nullptr || std::string_view(actions) != "true") return {};
  std::vector<std::string> lines;
  for (const FailedJobs::Entry& job : failed.entries()) {
    if (lines.size() == shown) break;
    const std::string title = fmt::format("gentlify: job {} failed", job.seq);
    lines.push_back(fmt::format("::error title={}::{}", encode(title, special_in_property),
                                encode(describe_failure(job), special_in_message)));
  }
  return lines;
}

}  // namespace gentlify
