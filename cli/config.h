// From the command line, the environment and the files to the settings in effect: see layers.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/layers.h"
#include "cli/options.h"

namespace gentlify {

/// Throws Error naming the value, where it stands and what is allowed: `usage` where only flags are
/// to blame, else `bad_config`. `environment` is as environ; `cores` says what 100% is.
Config load_config(const Options& options, const char* const* environment, int cores);

/// What was found in the last of the files, and the settings in effect with it.
struct CheckedFile {
  Config config;
  std::size_t settings = 0;
  std::size_t presets = 0;
};

/// As load_config, and then with each preset of the last file that is named in the place of the one
/// that is chosen.
CheckedFile check_config(const Options& options, const char* const* environment, int cores);

/// What --print-config prints: the settings as TOML, each with where it comes from. It loads again
/// as a configuration, except where a value is not UTF-8, as TOML has to be.
std::string show(const Config& config);

/// The names of settings that are not the built-in ones, and their values.
std::vector<std::pair<std::string, std::string>> changed_settings(const Config& config);

/// The built-in presets and those of the configuration files that are named.
Presets known_presets(const Options& options, const char* const* environment);

/// What jobs inherit of `environment`: not the variables that are settings, unless those are to be
/// exported, and never those that gentlify sets for each job.
std::vector<std::string> job_environment(const Options& options, const Settings& settings,
                                         const char* const* environment);

}  // namespace gentlify
