// A setting's names: one each on the command line, in TOML and in the environment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"

namespace gentlify {

/// "retry.max_attempts"
std::string toml_name(const Setting& setting);

/// "--retry-max-attempts"
std::string flag_name(const Setting& setting);

/// "GENTLIFY_RETRY_MAX_ATTEMPTS", with `prefix` "GENTLIFY".
std::string environment_name(const Setting& setting, std::string_view prefix);

/// Every spelling of its flag, the short ones first and the name that its key gives it last.
std::vector<std::string> spellings(const Setting& setting);

/// The row whose toml_name is `name`.
std::optional<std::size_t> find_setting(std::string_view name);

/// The row that the flag `flag` writes, an alias or not.
std::optional<std::size_t> find_flag(std::string_view flag);

/// A flag of this type is a switch: it takes no value, or one after `=`.
bool is_switch(const Setting& setting);

/// Its flag adds a value to those before.
bool is_list(const Setting& setting);

/// The values it chooses from; empty where it does not.
std::vector<std::string_view> choices(const Setting& setting);

/// `text` cut at each `separator`; no part of an empty text.
std::vector<std::string_view> split(std::string_view text, std::string_view separator);

/// "; did you mean X?" with the candidate that is nearest to `word`; nothing where none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// `text` as an error names it: on one line, neither empty nor long.
std::string shown(std::string_view text);

}  // namespace gentlify
