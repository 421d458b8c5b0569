#include "lib/engine/said.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::size_t tail = 64 * 1024;
constexpr std::size_t shown = 80;

std::string quote(std::string_view text) {
  return '\'' + clip(escape(text), shown) + '\'';
}

}  // namespace

Said Listener::listen(const Report& report, std::string_view error_output, TimePoint now,
                      WallTime wall) const {
  error_output = error_output.substr(error_output.size() - std::min(error_output.size(), tail));
  Said said;
  said.cost = report.cost;
  said.permanent = report.permanent;
  if (report.unknown) {
    said.puzzle = fmt::format("reported {}, which is not understood", quote(*report.unknown));
  }
  if (report.not_before) {
    said.retry_after = std::max(Duration{}, *report.not_before - now);
    said.overload = "retry-after reported";
  }
  if (report.overload) said.overload = "overload reported";

  std::optional<Duration> asked;
  for (const std::string_view text : retry_after_.groups_in(error_output)) {
    if (const auto wait = parse_retry_after(text, wall)) {
      asked = wait;
    } else if (said.puzzle.empty()) {
      said.puzzle = fmt::format("asks on stderr to wait for {}, which is no time", quote(text));
    }
  }
  if (asked) {
    said.retry_after = std::max(said.retry_after.value_or(*asked), *asked);
    if (said.overload.empty()) said.overload = "retry-after on stderr";
  }
  if (said.overload.empty() && overload_.found_in(error_output)) {
    said.overload = "overload on stderr";
  }

  Cost sum = 0;
  bool told = false;
  for (const std::string_view text : cost_.groups_in(error_output)) {
    if (const auto cost = parse_cost(text)) {
      sum = add_costs(sum, *cost);
      told = true;
    } else if (said.puzzle.empty()) {
      said.puzzle =
          fmt::format("tells a cost of {} on stderr, which is no whole number", quote(text));
    }
  }
  if (told && !said.cost) said.cost = sum;
  return said;
}

}  // namespace gentlify
