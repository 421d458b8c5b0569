#include "lib/engine/report.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include "lib/engine/http_date.h"

namespace gentlify {

namespace {

constexpr std::chrono::hours longest_wait{24 * 365};
constexpr std::size_t shown = 80;  // bytes of a line that is not understood

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::optional<Duration> parse_seconds(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return {};
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (at != end || error == std::errc::invalid_argument) return {};
  if (error != std::errc() || value > seconds(longest_wait)) return longest_wait;
  return from_seconds(value);
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view text, WallTime now) {
  text = trimmed(text);
  if (const auto relative = parse_seconds(text)) return relative;
  const auto date = parse_http_date(text, std::chrono::floor<std::chrono::seconds>(now));
  if (!date) return {};
  // In seconds first: a date of the year 9999 is beyond the range of nanoseconds.
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  const auto wait = std::clamp<std::chrono::seconds>(*date - whole, {}, longest_wait);
  return std::max(Duration{}, Duration(wait) - std::chrono::duration_cast<Duration>(now - whole));
}

std::optional<Cost> parse_cost(std::string_view text) {
  text = trimmed(text);
  Cost cost = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, cost);
  if (error != std::errc() || at != end) return {};
  return cost;
}

Cost add_costs(Cost a, Cost b) {
  constexpr Cost most = std::numeric_limits<Cost>::max();
  return a > most - b ? most : a + b;
}

void ReportReader::read(std::string_view bytes, TimePoint now, WallTime wall) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    line_ += part.substr(0, longest_line + 1 - line_.size());
    if (newline == std::string_view::npos) return;
    take(line_, now, wall);
    line_.clear();
    bytes.remove_prefix(newline + 1);
  }
}

void ReportReader::end(TimePoint now, WallTime wall) {
  take(line_, now, wall);
  line_.clear();
}

void ReportReader::take(std::string_view line, TimePoint now, WallTime wall) {
  const std::string_view text = trimmed(line);
  if (text.empty() && line.size() <= longest_line) return;
  if (line.size() <= longest_line && understand(text, now, wall)) return;
  if (!report_.unknown) report_.unknown = text.substr(0, shown);
}

bool ReportReader::understand(std::string_view line, TimePoint now, WallTime wall) {
  const std::size_t space = line.find_first_of(" \t");
  const std::string_view word = line.substr(0, space);
  const std::string_view value =
      space == std::string_view::npos ? std::string_view() : trimmed(line.substr(space));
  if (word == "cost") {
    const auto cost = parse_cost(value);
    if (cost) report_.cost = add_costs(report_.cost.value_or(0), *cost);
    return cost.has_value();
  }
  if (word == "retry-after") {
    const auto wait = parse_retry_after(value, wall);
    if (wait) {
      const TimePoint until = later(now, *wait);
      report_.not_before = std::max(report_.not_before.value_or(until), until);
    }
    return wait.has_value();
  }
  if (line == "overload") return report_.overload = true;
  if (line == "permanent") return report_.permanent = true;
  return false;
}

}  // namespace gentlify
