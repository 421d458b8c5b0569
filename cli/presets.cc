#include "cli/presets.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"

namespace gentlify {

Presets::Presets() {
  for (PresetTable& table : parse_config(std::string(built_in_presets), "built in").presets) {
    for (FileEntry& entry : table.settings) entry.place.clear();
    add(table);
  }
}

void Presets::add(const PresetTable& table) {
  Preset& preset = presets_[table.name];
  if (!table.about.empty()) preset.about = table.about;
  for (const FileEntry& entry : table.settings) {
    std::erase_if(preset.fields, [&](const Preset::Field& f) { return f.row == entry.row; });
    preset.fields.push_back({entry.row, entry.texts, entry.place});
  }
}

const Preset* Presets::find(const std::string& name) const {
  const auto found = presets_.find(name);
  return found == presets_.end() ? nullptr : &found->second;
}

std::string Presets::unknown(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& preset : presets_) names.push_back(preset.first);
  const std::string hint = did_you_mean(name, names);
  for (std::string& known : names) known = shown(known);
  return fmt::format("there is no such preset{} The presets are {}.", hint.empty() ? "." : hint,
                     fmt::join(names, ", "));
}

bool is_built_in_preset(const std::string& name) {
  return Presets().find(name) != nullptr;
}

}  // namespace gentlify
