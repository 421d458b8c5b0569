// Settings that must fit each other.
#pragma once

#include "cli/config.h"

namespace gentlify {

/// Starts are limited by something else than the number of jobs at once.
bool has_rate(const Settings& settings);

/// Throws Error naming the settings that do not, and where they were written. `lists` of items
/// come from the command line, after `:::`.
void check_settings(const Config& config, int cores, std::size_t lists);

}  // namespace gentlify
