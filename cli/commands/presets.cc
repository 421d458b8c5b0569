#include "cli/commands/presets.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/config.h"
#include "cli/config_text.h"
#include "cli/names.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

std::string list(const Presets& presets) {
  std::size_t width = 0;
  for (const auto& [name, preset] : presets.all()) width = std::max(width, columns(escape(name)));
  std::string out;
  for (const auto& [name, preset] : presets.all()) {
    std::string line = escape(name);
    if (!preset.about.empty()) {
      line.append(width - columns(line) + 2, ' ');
      line += escape(preset.about);
    }
    out += line + '\n';
  }
  return out;
}

}  // namespace

std::string presets(const Options& options, const char* const* environment) {
  const Presets presets = known_presets(options, environment);
  if (options.command.empty()) return list(presets);
  const std::string& name = options.command.front();
  if (options.command.size() > 1 || !options.lists.empty()) {
    throw Error(ExitCode::usage, "presets takes the name of one preset, or none");
  }
  const Preset* preset = presets.find(name);
  if (preset == nullptr) {
    throw Error(ExitCode::usage, fmt::format("presets {}: {}", shown(name), presets.unknown(name)));
  }
  return preset_text(name, *preset);
}

}  // namespace gentlify
