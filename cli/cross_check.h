// Settings that must fit each other.
#pragma once

#include "cli/config.h"

namespace gentlify {

/// Throws Error naming the settings that do not, and where they were written. `lists` of items
/// come from the command line, after `:::`.
void check_settings(const Config& config, int cores, std::size_t lists);

}  // namespace gentlify
