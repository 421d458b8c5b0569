// `gentlify presets [NAME]`: the presets there are, or what one of them sets.
#pragma once

#include <string>

#include "cli/options.h"

namespace gentlify {

/// What is to be printed: a line for each preset, or the one that is named as TOML.
/// Throws Error where there is none of that name.
std::string presets(const Options& options, const char* const* environment);

}  // namespace gentlify
