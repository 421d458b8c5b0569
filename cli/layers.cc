#include "cli/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "cli/limit_check.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Variables that gentlify sets for its jobs: a gentlify among those finds them and must not mind.
constexpr std::array<std::string_view, 7> job_variables = {"RUN",  "SEQ",     "JOB",      "ATTEMPT",
                                                           "SLOT", "JOB_KEY", "REPORT_FD"};

/// The variable that was probably meant. GENTLIFY_JOBS is asked for by those who know --jobs.
std::string hint_for(const Variable& variable, const std::string& prefix) {
  std::string flag = "--" + std::string(variable.rest);
  for (char& c : flag) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
  std::vector<std::string> names;
  if (const auto row = find_flag(flag)) {
    names.push_back(environment_name(settings_table()[*row], prefix));
    return did_you_mean(names.front(), names);
  }
  names.push_back(prefix + "_CONFIG");
  for (const Setting& setting : settings_table()) {
    names.push_back(environment_name(setting, prefix));
  }
  return did_you_mean(variable.name, names);
}

/// Collects the values, the weakest first.
class Merge {
 public:
  explicit Merge(ValueCheck check) : table_(settings_table()), check_(check) {
    config_.origins.resize(table_.size());
    for (const Setting& setting : table_) {
      if (!is_list(setting)) assign(config_.settings, setting, setting.fallback);
    }
  }

  void add_preset(const std::string& name, const Preset& preset) {
    for (const Preset::Field& field : preset.fields) {
      const std::string_view comma = field.place.empty() ? "" : ", ";
      add_texts(field.row, field.texts,
                {Origin::Kind::preset, fmt::format("preset {}{}{}", name, comma, field.place)});
    }
  }

  void add_entries(const std::vector<FileEntry>& entries) {
    for (const FileEntry& entry : entries) {
      add_texts(entry.row, entry.texts, {Origin::Kind::file, entry.place});
    }
  }

  void add_variable(std::size_t row, const Variable& variable) {
    begin(row, {Origin::Kind::environment, std::string(variable.name)});
    put(row, variable.value, ExitCode::bad_config, fmt::format("{}=", variable.name));
  }

  void add_flag(const Layers::Flag& flag) {
    const bool goes_on =
        is_list(table_[flag.row]) && config_.origins[flag.row].kind == Origin::Kind::flag;
    if (!goes_on) begin(flag.row, {Origin::Kind::flag, flag.flag});
    put(flag.row, flag.text, ExitCode::usage, flag.flag + ' ');
  }

  Config take() { return std::move(config_); }

 private:
  void add_texts(std::size_t row, const std::vector<std::string>& texts, const Origin& origin) {
    begin(row, origin);
    for (const std::string& text : texts) {
      put(row, text, ExitCode::bad_config,
          fmt::format("{}: {} = ", origin.place, toml_name(table_[row])));
    }
  }

  /// What follows takes the place of all that was said about the row before.
  void begin(std::size_t row, Origin origin) {
    config_.origins[row] = std::move(origin);
    if (const auto* list = std::get_if<std::vector<std::string> Settings::*>(&table_[row].member)) {
      (config_.settings.**list).clear();
    }
  }

  void put(std::size_t row, std::string_view text, ExitCode code, const std::string& head) {
    std::string problem = check_ == nullptr ? std::string() : check_(table_[row], text);
    if (problem.empty()) problem = assign(config_.settings, table_[row], text);
    if (!problem.empty()) throw Error(code, fmt::format("{}{}: {}", head, shown(text), problem));
  }

  std::span<const Setting> table_;
  ValueCheck check_;
  Config config_;
};

void add_environment(Merge& merge, const char* const* environment, const std::string& prefix) {
  if (environment == nullptr) return;
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const auto variable = variable_of(*entry, prefix);
    if (!variable || variable->rest == "CONFIG") continue;
    const auto row = row_of(variable->name, prefix);
    if (row) {
      merge.add_variable(*row, *variable);
      continue;
    }
    // Another prefix belongs to another program, which has names of its own.
    if (prefix != own_prefix || is_job_variable(variable->rest)) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("the variable {} is set, and there is no such setting{}",
                            shown(variable->name), hint_for(*variable, prefix)));
  }
}

/// Without a `preset`, or with it as the weakest layer.
Config merge(const Layers& layers, const Preset* preset, const std::string& name) {
  Merge merge(layers.check);
  if (preset != nullptr) merge.add_preset(name, *preset);
  for (const ConfigFile& file : layers.files) merge.add_entries(file.settings);
  add_environment(merge, layers.environment, layers.prefix);
  for (const Layers::Flag& flag : layers.flags) merge.add_flag(flag);
  return merge.take();
}

[[noreturn]] void refuse_preset(const Origin& origin, const std::string& name,
                                const Presets& presets) {
  const bool flag = origin.kind == Origin::Kind::flag;
  const std::string_view mark = flag                                       ? " "
                                : origin.kind == Origin::Kind::environment ? "="
                                                                           : ": preset = ";
  throw Error(
      flag ? ExitCode::usage : ExitCode::bad_config,
      fmt::format("{}{}{}: {}", escape(origin.place), mark, shown(name), presets.unknown(name)));
}

/// Defaults that depend on other settings.
void settle_defaults(Config& config) {
  Settings& s = config.settings;
  const auto is_default = [&](std::string_view name) {
    return config.origins[*find_setting(name)].kind == Origin::Kind::built_in;
  };
  // A service behind a rate or a preset is elsewhere: our cores say nothing about it.
  if ((has_rate(s) || !s.preset.empty()) && is_default("max_concurrency")) s.max_concurrency = {16};
  if (s.controller == "fixed" && is_default("circuit_breaker.consecutive_failures") &&
      is_default("circuit_breaker.on_open") && is_default("circuit_breaker.max_open")) {
    s.circuit_breaker_consecutive_failures = 0;
  }
  // What says how a limit is meant goes with it where a stronger place takes it away.
  const auto goes_with = [&](std::string_view name, std::string_view limit) {
    const std::size_t row = *find_setting(name);
    const Origin& stronger = config.origins[*find_setting(limit)];
    if (config.origins[row].kind >= stronger.kind) return;
    assign(s, settings_table()[row], settings_table()[row].fallback);
    config.origins[row] = stronger;
  };
  if (s.rate.amount == 0) goes_with("rate_mode", "rate");
  if (s.rate.amount == 0) goes_with("rate_unit", "rate");
  if (s.rate_mode != "burst") goes_with("burst", "rate_mode");
  if (s.token_budget_max == 0) goes_with("token_budget.window", "token_budget.max");
}

}  // namespace

bool is_job_variable(std::string_view rest) {
  return std::find(job_variables.begin(), job_variables.end(), rest) != job_variables.end();
}

std::optional<Variable> variable_of(std::string_view entry, std::string_view prefix) {
  const std::size_t equals = entry.find('=');
  const std::string_view name = entry.substr(0, equals);
  if (equals == std::string_view::npos || name.size() <= prefix.size() + 1) return {};
  if (!name.starts_with(prefix) || name[prefix.size()] != '_') return {};
  return Variable{name, name.substr(prefix.size() + 1), entry.substr(equals + 1)};
}

std::optional<std::size_t> row_of(std::string_view variable, std::string_view prefix) {
  const auto table = settings_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (environment_name(table[i], prefix) == variable) return i;
  }
  return {};
}

std::vector<ConfigFile> named_files(const char* const* environment, std::string_view prefix) {
  std::vector<ConfigFile> files;
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const auto variable = variable_of(*entry, prefix);
    if (!variable || variable->rest != "CONFIG") continue;
    for (const std::string_view path : split(variable->value, ":")) {
      if (!path.empty()) files.push_back(read_config_file(std::string(path)));
    }
  }
  return files;
}

Presets presets_of(const std::vector<ConfigFile>& files, ValueCheck check) {
  Presets presets;
  for (const ConfigFile& file : files) {
    for (const PresetTable& preset : file.presets) {
      Merge(check).add_entries(preset.settings);
      presets.add(preset);
    }
  }
  return presets;
}

Config merge_layers(const Layers& layers) {
  const Presets presets = presets_of(layers.files, layers.check);
  Config config = merge(layers, nullptr, {});
  if (const std::string name = config.settings.preset; !name.empty()) {
    const Preset* preset = presets.find(name);
    if (preset == nullptr) {
      refuse_preset(config.origins[*find_setting("preset")], name, presets);
    }
    config = merge(layers, preset, name);
  }
  settle_defaults(config);
  return config;
}

}  // namespace gentlify
