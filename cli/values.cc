#include "cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/names.h"

namespace gentlify {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 7> units = {{{"d", 86'400'000'000'000},
                                        {"h", 3'600'000'000'000},
                                        {"m", 60'000'000'000},
                                        {"s", 1'000'000'000},
                                        {"ms", 1'000'000},
                                        {"us", 1'000},
                                        {"ns", 1}}};

constexpr std::string_view size_suffixes = "KMGT";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the head of `text`, taken from it.
std::string_view take_digits(std::string_view& text) {
  const auto* end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// Members of `set` from `first` on, each run as "3-7", each with `mark` before it.
std::string runs(const ExitSet& set, std::size_t first, std::string_view mark) {
  std::string out;
  for (std::size_t i = first; i < set.size(); ++i) {
    if (!set[i]) continue;
    std::size_t last = i;
    while (last + 1 < set.size() && set[last + 1]) ++last;
    if (last == i + 1) last = i;  // "77,78" reads better than "77-78"
    if (!out.empty()) out += ',';
    out += mark;
    out += last == i ? fmt::format("{}", i) : fmt::format("{}-{}", i, last);
    i = last;
  }
  return out;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return {};
  return value;
}

std::optional<double> parse_decimal(std::string_view text) {
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) return {};
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || !std::isfinite(value)) return {};
  return value;
}

std::string to_text(double value) {
  return fmt::format("{}", value);
}

std::optional<Duration> parse_duration(std::string_view text) {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return {};
  }
  if (whole.empty() && fraction.empty()) return {};
  const auto* unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text; });
  if (unit == units.end() && !text.empty()) return {};
  std::int64_t scale = unit == units.end() ? units[3].nanoseconds : unit->nanoseconds;
  const auto count = whole.empty() ? std::optional<std::uint64_t>(0) : parse_number(whole);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / scale;
  if (!count || *count >= static_cast<std::uint64_t>(most)) return {};
  std::int64_t total = static_cast<std::int64_t>(*count) * scale;
  for (const char digit : fraction) {
    scale /= 10;
    total += (digit - '0') * scale;
  }
  return Duration(total);
}

std::string to_text(Duration duration) {
  const std::int64_t total = duration.count();
  if (total == 0) return "0";
  std::string shortest;
  for (const Unit& unit : units) {
    if (total < unit.nanoseconds) continue;  // "250ms" reads better than "0.25s"
    // Four digits of a fraction are within int64 for a day's nanoseconds.
    std::int64_t rest = total % unit.nanoseconds;
    std::string text = fmt::format("{}", total / unit.nanoseconds);
    if (rest != 0) text += '.';
    for (int digit = 0; rest != 0 && digit < 4; ++digit) {
      rest *= 10;
      text += static_cast<char>('0' + rest / unit.nanoseconds);
      rest %= unit.nanoseconds;
    }
    text += unit.name;
    if (rest == 0 && (shortest.empty() || text.size() < shortest.size())) shortest = text;
  }
  return shortest;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto count = parse_number(take_digits(text));
  if (!count) return {};
  if (text.empty()) return count;
  const std::size_t suffix = size_suffixes.find(text);
  if (text.size() != 1 || suffix == std::string_view::npos) return {};
  const auto shift = static_cast<unsigned>(10 * (suffix + 1));
  if (*count > std::numeric_limits<std::uint64_t>::max() >> shift) return {};
  return *count << shift;
}

std::string size_text(std::uint64_t bytes) {
  std::size_t suffix = 0;
  while (bytes != 0 && bytes % 1024 == 0 && suffix < size_suffixes.size()) {
    bytes /= 1024;
    ++suffix;
  }
  return fmt::format("{}{}", bytes, suffix == 0 ? "" : size_suffixes.substr(suffix - 1, 1));
}

std::optional<ExitSet> parse_exit_list(std::string_view text) {
  ExitSet set;
  if (text.starts_with('!')) set.set().reset(0);
  for (std::string_view part : split(text, ",")) {
    const bool taken_out = part.starts_with('!');
    if (taken_out) part.remove_prefix(1);
    const auto first = parse_number(take_digits(part));
    auto last = first;
    if (part.starts_with('-')) last = parse_number(part.substr(1));
    if (!part.empty() && !part.starts_with('-')) return {};
    if (!first || !last || *first > *last || *last >= set.size()) return {};
    for (std::size_t i = *first; i <= *last; ++i) set.set(i, !taken_out);
  }
  return set;
}

std::string to_text(const ExitSet& set) {
  std::string in = runs(set, 0, "");
  std::string out = runs(~set, 1, "!");
  if (out.empty()) return in;
  if (set[0]) out += ",0";
  return out.size() < in.size() ? out : in;
}

int Concurrency::resolve(int cores) const {
  constexpr std::int64_t most = 1'000'000;
  std::int64_t jobs = value;
  switch (unit) {
    case Unit::absolute:
      if (value == 0) return 0;
      break;
    case Unit::percent_of_cores: jobs = std::int64_t{cores} * value / 100; break;
    case Unit::above_cores: jobs = std::int64_t{cores} + value; break;
  }
  return static_cast<int>(std::clamp<std::int64_t>(jobs, 1, most));
}

std::optional<Concurrency> parse_concurrency(std::string_view text) {
  Concurrency result;
  if (text.starts_with('+')) {
    result.unit = Concurrency::Unit::above_cores;
    text.remove_prefix(1);
  } else if (text.ends_with('%')) {
    result.unit = Concurrency::Unit::percent_of_cores;
    text.remove_suffix(1);
  }
  const auto number = parse_number(text);
  if (!number || *number > std::numeric_limits<int>::max()) return {};
  result.value = static_cast<int>(*number);
  return result;
}

std::string to_text(Concurrency concurrency) {
  switch (concurrency.unit) {
    case Concurrency::Unit::absolute: break;
    case Concurrency::Unit::percent_of_cores: return fmt::format("{}%", concurrency.value);
    case Concurrency::Unit::above_cores: return fmt::format("+{}", concurrency.value);
  }
  return fmt::format("{}", concurrency.value);
}

std::optional<Rate> parse_rate(std::string_view text) {
  constexpr std::uint64_t most = 1'000'000'000'000;
  constexpr Duration shortest = std::chrono::milliseconds(1);
  constexpr Duration longest = std::chrono::hours(365 * 24);
  if (text == "none") return Rate{};
  const std::size_t slash = text.find('/');
  const auto amount = parse_number(text.substr(0, slash));
  if (!amount || *amount == 0 || *amount > most || slash == std::string_view::npos) return {};
  text.remove_prefix(slash + 1);
  const bool unit_alone = !text.empty() && !is_digit(text.front()) && text.front() != '.';
  const auto period = parse_duration(fmt::format("{}{}", unit_alone ? "1" : "", text));
  if (!period || *period < shortest || *period > longest) return {};
  return Rate{*amount, *period};
}

std::string to_text(Rate rate) {
  if (rate.amount == 0) return "none";
  const std::string period = to_text(rate.period);
  const bool is_one = period[0] == '1' && !is_digit(period[1]) && period[1] != '.';
  return fmt::format("{}/{}", rate.amount, period.substr(is_one ? 1 : 0));
}

std::optional<HaltRule> parse_halt(std::string_view text) {
  if (text == "never") return HaltRule{};
  HaltRule rule;
  const bool now = text.starts_with("now,fail=");
  if (!now && !text.starts_with("soon,fail=")) return {};
  rule.when = now ? HaltRule::When::now : HaltRule::When::soon;
  text.remove_prefix(text.find('=') + 1);
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto number = parse_number(text);
  if (!number || *number == 0 || (percent && *number > 100)) return {};
  if (percent) {
    rule.percent = static_cast<int>(*number);
  } else {
    rule.jobs = *number;
  }
  return rule;
}

std::string to_text(const HaltRule& rule) {
  if (rule.when == HaltRule::When::none) return "never";
  const std::string number =
      rule.percent > 0 ? fmt::format("{}%", rule.percent) : fmt::format("{}", rule.jobs);
  return fmt::format("{},fail={}", rule.when == HaltRule::When::now ? "now" : "soon", number);
}

std::optional<Label> parse_label(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
  };
  if (equals == std::string_view::npos || name.empty() || is_digit(name.front())) return {};
  if (name.starts_with("__") || !std::all_of(name.begin(), name.end(), is_plain)) return {};
  const auto* taken = std::find(metric_labels.begin(), metric_labels.end(), name);
  if (taken != metric_labels.end()) return {};
  return Label{std::string(name), std::string(text.substr(equals + 1))};
}

std::optional<int> parse_descriptor(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number < 3 || *number > 1'000'000) return {};
  return static_cast<int>(*number);
}

std::optional<int> event_descriptor(std::string_view text) {
  constexpr std::string_view mark = "fd:";
  return text.starts_with(mark) ? parse_descriptor(text.substr(mark.size())) : std::nullopt;
}

std::vector<Label> labels_of(const Settings& settings) {
  std::vector<Label> labels;
  for (const std::string& text : settings.label) labels.push_back(*parse_label(text));
  return labels;
}

std::optional<Milestones> parse_milestones(std::string_view text) {
  Milestones result;
  if (const auto jobs = parse_number(text)) {
    if (*jobs == 0) return {};
    result.jobs = *jobs;
  } else if (text.ends_with('%')) {
    const auto percent = parse_number(text.substr(0, text.size() - 1));
    if (!percent || *percent == 0 || *percent > 100) return {};
    result.percent = static_cast<int>(*percent);
  } else {
    const auto period = parse_duration(text);
    if (!period || *period <= Duration(0)) return {};
    result.period = *period;
  }
  return result;
}

std::string to_text(const Milestones& milestones) {
  if (milestones.percent != 0) return fmt::format("{}%", milestones.percent);
  if (milestones.jobs != 0) return fmt::format("{}", milestones.jobs);
  return to_text(milestones.period);
}

std::optional<std::string> parse_byte(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() == 1) return std::string(text);
  if (text == "\\n") return "\n";
  if (text == "\\t") return "\t";
  if (text == "\\\\") return "\\";
  if (text == "\\0") return std::string(1, '\0');
  unsigned value = 0;
  if (text.size() != 4 || !text.starts_with("\\x")) return {};
  const auto [at, error] = std::from_chars(text.data() + 2, text.data() + 4, value, 16);
  if (error != std::errc() || at != text.data() + 4) return {};
  return std::string(1, static_cast<char>(value));
}

std::string byte_text(std::string_view byte) {
  if (byte.empty()) return {};
  const auto value = static_cast<unsigned char>(byte.front());
  if (value == '\n') return "\\n";
  if (value == '\t') return "\\t";
  if (value == '\0') return "\\0";
  if (value == '\\') return "\\\\";
  if (value < 0x20 || value >= 0x7F) return fmt::format("\\x{:02x}", value);
  return std::string(byte);
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "no") return false;
  return {};
}

}  // namespace gentlify
