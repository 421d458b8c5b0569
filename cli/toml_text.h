// What the readers of TOML files share: a file's text, its parsing within bounds, and the words of
// its errors. The one place that includes toml++, so that it is always set up alike.
#pragma once

#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace gentlify {

/// The text of the file, or as much of it as shows that it is too large. Throws Error(bad_config)
/// where it cannot be read; `noun` says what it is: "configuration".
std::string read_toml(const std::string& path, std::string_view noun);

/// Throws Error(bad_config) naming file, line and column where `text` is not TOML, or larger or
/// deeper than what people write by hand.
toml::table parse_toml(const std::string& text, const std::string& path);

/// "ci.toml:3:1"
std::string place_of(const std::string& path, const toml::source_position& at);

[[noreturn]] void refuse(const std::string& place, const std::string& problem);

/// "an integer"
std::string_view type_name(toml::node_type type);

/// A scalar as it would be typed elsewhere.
std::string text_of(const toml::node& node);

}  // namespace gentlify
