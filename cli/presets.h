// Named sets of settings: those that are built in, one for each of some well-known services, and
// those of configuration files, which add to them field by field.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_file.h"

namespace gentlify {

struct Preset {
  struct Field {
    std::size_t row;                 ///< of settings_table()
    std::vector<std::string> texts;  ///< as assign() takes them
    std::string place;               ///< where it was read; empty: built in
  };
  std::string about;          ///< one line; may be empty
  std::vector<Field> fields;  ///< one for each row that it sets
};

/// cli/presets.toml, as it was at the build.
extern const std::string_view built_in_presets;

class Presets {
 public:
  /// The built-in ones.
  Presets();

  /// Adds a preset of a file: a field of it takes the place of the one that was there.
  void add(const PresetTable& table);

  /// Null where there is none of that name.
  const Preset* find(const std::string& name) const;

  /// By name.
  const std::map<std::string, Preset>& all() const { return presets_; }

  /// Why there is no preset `name`, and which there are.
  std::string unknown(const std::string& name) const;

 private:
  std::map<std::string, Preset> presets_;
};

/// It is built in, whatever files add to it.
bool is_built_in_preset(const std::string& name);

}  // namespace gentlify
