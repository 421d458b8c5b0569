// A value into its member of Settings and out again: the one place that knows every type a setting
// can have.
#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::string_view whole_number = "a whole number";
constexpr std::string_view duration = "a duration such as 250ms, 1.5s, 2m, 1h or 1d,";
constexpr std::string_view rate_allowed =
    "must be none or a rate such as 10/s, 100/m, 5000/h or 5/10s, of 1ms to 365d";
constexpr std::string_view size = "a size such as 500, 64K or 1M,";

/// The range of a row: "auto|1..10" is the word for 0, the least and the most.
struct Range {
  std::string_view word, least, most;

  explicit Range(std::string_view text) {
    const std::size_t bar = text.find('|');
    if (bar != std::string_view::npos) word = text.substr(0, bar), text.remove_prefix(bar + 1);
    const std::size_t dots = text.find("..");
    least = text.substr(0, dots);
    most = text.substr(dots + 2);
  }

  std::string allowed(std::string_view kind) const {
    return fmt::format("must be {}{}{} from {} to {}", word, word.empty() ? "" : " or ", kind,
                       least, most);
  }
};

template <typename T, typename Parse>
std::string assign_number(T& out, std::string_view range_text, std::string_view text,
                          std::string_view kind, Parse parse) {
  const Range range(range_text);
  if (!range.word.empty() && text == range.word) {
    out = T{};
    return {};
  }
  const auto value = parse(text);
  if (!value || *value < *parse(range.least) || *value > *parse(range.most)) {
    return range.allowed(kind);
  }
  out = static_cast<T>(*value);
  return {};
}

/// "group or inherit", "auto, always or never".
std::string alternatives(const Setting& setting) {
  std::string out;
  const auto words = choices(setting);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

template <typename T>
std::string store(T& out, const std::optional<T>& value, std::string_view allowed) {
  if (!value) return std::string(allowed);
  out = *value;
  return {};
}

/// The label, added to those before it.
std::string add_label(std::vector<std::string>& labels, std::string_view text) {
  const auto label = parse_label(text);
  if (!label) {
    return fmt::format(
        "must be KEY=VALUE with a KEY of letters, digits and _ that begins neither with a digit "
        "nor "
        "with __ and is none of {}, which metrics have",
        fmt::join(metric_labels, ", "));
  }
  const bool again = std::any_of(labels.begin(), labels.end(), [&](const std::string& earlier) {
    return parse_label(earlier)->name == label->name;
  });
  if (again) return fmt::format("must not have the KEY {} again", label->name);
  labels.emplace_back(text);
  return {};
}

bool is_sync(std::string_view text) {
  const auto interval = parse_duration(text);
  return text == "always" || text == "off" ||
         (interval && *interval >= std::chrono::milliseconds(1) &&
          *interval <= std::chrono::hours(1));
}

/// One overload for each type a setting can have.
struct Assign {
  const Setting& setting;
  std::string_view text;

  std::string operator()(bool& out) const {
    return store(out, parse_bool(text), "must be true or false");
  }
  std::string operator()(int& out) const {
    return assign_number(out, setting.range, text, whole_number, parse_number);
  }
  std::string operator()(std::uint64_t& out) const {
    if (setting.form == Setting::Form::size) {
      return assign_number(out, setting.range, text, size, parse_size);
    }
    return assign_number(out, setting.range, text, whole_number, parse_number);
  }
  std::string operator()(double& out) const {
    return assign_number(out, setting.range, text, "a number", parse_decimal);
  }
  std::string operator()(Duration& out) const {
    return assign_number(out, setting.range, text, duration, parse_duration);
  }
  std::string operator()(std::string& out) const {
    if (setting.form == Setting::Form::byte) {
      if (text.empty() && setting.fallback.empty())
        return store(out, std::optional(std::string()), "");
      return store(out, parse_byte(text), R"(must be one byte, or \n, \t, \0, \\ or \xHH)");
    }
    if (setting.form == Setting::Form::filled && text.empty()) return "must not be empty";
    if (setting.form == Setting::Form::sync && !is_sync(text)) {
      return "must be a duration from 1ms to 1h such as 100ms, always or off";
    }
    const auto words = choices(setting);
    if (!words.empty() && std::find(words.begin(), words.end(), text) == words.end()) {
      return "must be " + alternatives(setting);
    }
    out = text;
    return {};
  }
  std::string operator()(std::vector<std::string>& out) const {
    if (setting.form == Setting::Form::label) return add_label(out, text);
    if (setting.form == Setting::Form::descriptor && !parse_descriptor(text)) {
      return "must be the number of a descriptor, from 3 on";
    }
    if (setting.form == Setting::Form::filled && text.empty()) return "must not be empty";
    out.emplace_back(text);
    return {};
  }
  std::string operator()(Concurrency& out) const {
    const Range range(setting.range);
    const auto value = parse_concurrency(text);
    const bool percent = value && value->unit == Concurrency::Unit::percent_of_cores;
    const auto written = value ? static_cast<std::uint64_t>(value->value) : 0;
    if (value && written <= *parse_number(range.most) && (!percent || written > 0)) {
      out = *value;
      return {};
    }
    return fmt::format("must be a number of jobs from {} to {}, N% of the cores, or +N above them",
                       range.least, range.most);
  }
  std::string operator()(Rate& out) const { return store(out, parse_rate(text), rate_allowed); }
  std::string operator()(HaltRule& out) const {
    return store(out, parse_halt(text),
                 "must be never, or soon or now with a number of failed jobs or a percentage of "
                 "them, as soon,fail=3 or now,fail=10%");
  }
  std::string operator()(Milestones& out) const {
    return store(out, parse_milestones(text),
                 "must be a percentage such as 10%, a period such as 30s, or a number of jobs such "
                 "as 1000");
  }
  std::string operator()(ExitSet& out) const {
    if (setting.form == Setting::Form::filled && text.empty()) return "must not be empty";
    return store(out, parse_exit_list(text),
                 "must be a list of exit statuses from 0 to 255 such as 1,3-7 or !75");
  }
};

struct Print {
  const Setting& setting;

  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int value) const { return (*this)(static_cast<std::uint64_t>(value)); }
  std::string operator()(std::uint64_t value) const {
    const Range range(setting.range);
    if (value == 0 && !range.word.empty()) return std::string(range.word);
    return setting.form == Setting::Form::size ? size_text(value) : fmt::format("{}", value);
  }
  std::string operator()(double value) const {
    const Range range(setting.range);
    return value == 0 && !range.word.empty() ? std::string(range.word) : to_text(value);
  }
  std::string operator()(Duration value) const {
    const Range range(setting.range);
    return value == Duration{} && !range.word.empty() ? std::string(range.word) : to_text(value);
  }
  std::string operator()(const std::string& value) const {
    return setting.form == Setting::Form::byte ? byte_text(value) : value;
  }
  std::string operator()(const std::vector<std::string>& value) const {
    return value.empty() ? std::string() : value.back();
  }
  template <typename T>
  std::string operator()(const T& value) const {
    return to_text(value);
  }
};

}  // namespace

std::string assign(Settings& settings, const Setting& setting, std::string_view text) {
  const Assign into{setting, text};
  return std::visit([&](auto member) { return into(settings.*member); }, setting.member);
}

std::string text_of(const Settings& settings, const Setting& setting) {
  const Print print{setting};
  return std::visit([&](auto member) { return print(settings.*member); }, setting.member);
}

std::vector<std::string> alias_texts(const Alias& alias, std::string_view text,
                                     std::string& problem) {
  if (!alias.value.empty()) return {std::string(alias.value)};
  if (!alias.period_key.empty()) {
    Rate rate;
    problem = store(rate, parse_rate(text), rate_allowed);
    if (rate.amount == 0) return {"none", "none"};
    return {fmt::format("{}", rate.amount), to_text(rate.period)};
  }
  std::uint64_t number = 0;
  problem = assign_number(number, alias.range, text, whole_number, parse_number);
  return {fmt::format("{}", number + static_cast<std::uint64_t>(alias.added))};
}

}  // namespace gentlify
