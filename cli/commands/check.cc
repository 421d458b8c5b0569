#include "cli/commands/check.h"

#include <fmt/format.h>

#include <utility>

#include "cli/config.h"
#include "cli/names.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

std::string check(Options options, const char* const* environment, int cores) {
  if (options.command.size() != 1 || !options.lists.empty()) {
    throw Error(ExitCode::usage, "check takes one configuration file: gentlify check CONFIG");
  }
  const std::string file = std::move(options.command.front());
  // The last one, and so the one that is counted.
  options.config_files.push_back(file);
  const CheckedFile checked = check_config(options, environment, cores);
  if (options.print_config) return show(checked.config);
  const std::string presets = checked.presets == 0 ? "" : ", " + counted(checked.presets, "preset");
  return fmt::format("{} is right: {}{}\n", shown(file), counted(checked.settings, "setting"),
                     presets);
}

}  // namespace gentlify
