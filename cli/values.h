// Values as a user writes them, and back. What parse_* reads, to_text writes again in its shortest
// spelling. Nothing returned: the text is not such a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/settings.h"
#include "lib/core/label.h"

namespace gentlify {

/// Digits only.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A finite decimal number; no sign.
std::optional<double> parse_decimal(std::string_view text);
std::string to_text(double value);

/// "250ms", "1.5s", "2m", "1h", "1d", also us and ns; a bare number is seconds.
std::optional<Duration> parse_duration(std::string_view text);
std::string to_text(Duration duration);

/// "64K", "1M", "2G", a bare number is bytes; a K is 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string size_text(std::uint64_t bytes);

/// "1,3-7,!75": from left to right, `!` takes out what follows it. A list that begins with `!`
/// begins with all but 0.
std::optional<ExitSet> parse_exit_list(std::string_view text);
std::string to_text(const ExitSet& set);

/// "8", "50%", "+2".
std::optional<Concurrency> parse_concurrency(std::string_view text);
std::string to_text(Concurrency concurrency);

/// "10/s", "100/m", "5/10s": at most 10^12 in 1ms to 365d; "none" is no rate, an amount of 0.
std::optional<Rate> parse_rate(std::string_view text);
std::string to_text(Rate rate);

/// "soon,fail=3", "now,fail=10%", "never".
std::optional<HaltRule> parse_halt(std::string_view text);
std::string to_text(const HaltRule& rule);

/// "team=data": a name that metrics can have, and any text.
std::optional<Label> parse_label(std::string_view text);

/// "10%", "30s", "1000" jobs.
std::optional<Milestones> parse_milestones(std::string_view text);
std::string to_text(const Milestones& milestones);

/// One byte, or \n, \t, \0, \\ or \xHH for one. Nothing stays nothing.
std::optional<std::string> parse_byte(std::string_view text);
std::string byte_text(std::string_view byte);

/// "true" or "false", also 1 and 0, yes and no.
std::optional<bool> parse_bool(std::string_view text);

/// A descriptor's number, 3 or more.
std::optional<int> parse_descriptor(std::string_view text);
/// That of "fd:N"; nothing where the text is something else.
std::optional<int> event_descriptor(std::string_view text);

/// The labels that the settings give.
std::vector<Label> labels_of(const Settings& settings);

/// Reads `text` into `setting`'s member of `settings`; a list gets it added. Returns what is
/// allowed where it is not that ("must be ..."), else nothing.
std::string assign(Settings& settings, const Setting& setting, std::string_view text);

/// The value as assign() reads it; not for a list.
std::string text_of(const Settings& settings, const Setting& setting);

/// What an alias makes of its value, for its key and for its period_key if it has one; why not in
/// `problem`.
std::vector<std::string> alias_texts(const Alias& alias, std::string_view text,
                                     std::string& problem);

}  // namespace gentlify
