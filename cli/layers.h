// The places that settings come from, and what they come to: a flag wins over the environment, that
// over the files, a later file over an earlier one, any of these over the preset, and that over the
// default. What is made of it, and whether the settings fit each other, is asked elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_file.h"
#include "cli/presets.h"
#include "cli/settings.h"

namespace gentlify {

constexpr std::string_view own_prefix = "GENTLIFY";

struct Config {
  Settings settings;
  std::vector<Origin> origins;  ///< one for each row of settings_table()
};

/// Why a value cannot be used, as the end of a sentence; empty where it can.
using ValueCheck = std::string (*)(const Setting& setting, std::string_view text);

struct Layers {
  struct Flag {
    std::size_t row;   ///< of settings_table()
    std::string text;  ///< as the setting takes it
    std::string flag;  ///< as it was typed: "-j", "--retries"
  };
  std::vector<ConfigFile> files;             ///< the weakest first
  const char* const* environment = nullptr;  ///< as environ; null: none
  std::string prefix{own_prefix};            ///< of its variables that are settings
  std::vector<Flag> flags;                   ///< in their order
  ValueCheck check = nullptr;                ///< beside assign()'s own; null: none
};

/// The files that PREFIX_CONFIG names. Throws Error(bad_config) where one cannot be read.
std::vector<ConfigFile> named_files(const char* const* environment, std::string_view prefix);

/// The built-in presets and those of the files. Throws Error where one of these has a value that no
/// setting can have, chosen or not.
Presets presets_of(const std::vector<ConfigFile>& files, ValueCheck check);

/// Throws Error naming the value, where it stands and what is allowed: `usage` where only flags are
/// to blame, else `bad_config`.
Config merge_layers(const Layers& layers);

/// NAME=VALUE cut in two, the prefix and its underscore taken off the name; nothing where the name
/// does not begin with them.
struct Variable {
  std::string_view name, rest, value;
};
std::optional<Variable> variable_of(std::string_view entry, std::string_view prefix);

/// The row of the setting that the variable of this name sets.
std::optional<std::size_t> row_of(std::string_view variable, std::string_view prefix);

/// PREFIX_ and this is a variable that gentlify sets for its jobs.
bool is_job_variable(std::string_view rest);

}  // namespace gentlify
