#include "cli/config.h"

#include <utility>

#include "cli/cross_check.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/text.h"
#include "lib/engine/match.h"

namespace gentlify {

namespace {

std::vector<ConfigFile> read_files(const Options& options, const char* const* environment) {
  std::vector<ConfigFile> files = named_files(environment, options.env_prefix);
  for (const std::string& path : options.config_files) files.push_back(read_config_file(path));
  return files;
}

std::string check_pattern(const Setting& setting, std::string_view text) {
  const bool valued = setting.form == Setting::Form::value_pattern;
  if (!valued && setting.form != Setting::Form::pattern) return {};
  return escape(pattern_problem(std::string(text), valued));
}

Config settle(const Options& options, const char* const* environment, int cores,
              const std::vector<ConfigFile>& files) {
  Config config =
      merge_layers({files, environment, options.env_prefix, options.assignments, check_pattern});
  check_settings(config, cores, options.lists.size());
  return config;
}

}  // namespace

Config load_config(const Options& options, const char* const* environment, int cores) {
  return settle(options, environment, cores, read_files(options, environment));
}

CheckedFile check_config(const Options& options, const char* const* environment, int cores) {
  const std::vector<ConfigFile> files = read_files(options, environment);
  const ConfigFile& last = files.back();
  CheckedFile checked{settle(options, environment, cores, files), last.settings.size(),
                      last.presets.size()};
  for (const PresetTable& preset : last.presets) {
    Options chosen = options;
    chosen.assignments.push_back({*find_setting("preset"), preset.name, "--preset"});
    settle(chosen, environment, cores, files);
  }
  return checked;
}

std::vector<std::pair<std::string, std::string>> changed_settings(const Config& config) {
  std::vector<std::pair<std::string, std::string>> changed;
  const auto table = settings_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (config.origins[i].kind == Origin::Kind::built_in) continue;
    changed.emplace_back(toml_name(table[i]), text_of(config.settings, table[i]));
  }
  return changed;
}

Presets known_presets(const Options& options, const char* const* environment) {
  return presets_of(read_files(options, environment), check_pattern);
}

std::vector<std::string> job_environment(const Options& options, const Settings& settings,
                                         const char* const* environment) {
  std::vector<std::string> inherited;
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const auto own = variable_of(*entry, own_prefix);
    const auto prefixed = variable_of(*entry, options.env_prefix);
    const bool is_setting =
        own || (prefixed && (prefixed->rest == "CONFIG" ||
                             row_of(prefixed->name, options.env_prefix).has_value()));
    if (own && is_job_variable(own->rest)) continue;
    if (is_setting && !settings.export_settings) continue;
    inherited.emplace_back(*entry);
  }
  return inherited;
}

}  // namespace gentlify
