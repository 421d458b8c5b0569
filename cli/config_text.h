// Every setting as a TOML file.
#pragma once

#include <string>

#include "cli/presets.h"

namespace gentlify {

/// What `gentlify presets NAME` prints: a table that may stand in a configuration file. Fields from
/// files say where they are from.
std::string preset_text(const std::string& name, const Preset& preset);

/// example.toml: every setting at its default, with its help.
std::string example_config();

}  // namespace gentlify
