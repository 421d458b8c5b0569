// `gentlify ctl --fleet URL`: looks at a fleet and steers it, from any machine.
#pragma once

#include <string>
#include <vector>

#include "cli/settings.h"

namespace gentlify {

/// Returns what is to be printed. Throws Error: usage, or what fleet::Steer does.
std::string ctl_fleet(const Settings& settings, const std::vector<std::string>& words, bool json);

}  // namespace gentlify
