// `gentlify ctl`: looks at a run and steers it, through its socket.
#pragma once

#include <string>

#include "cli/options.h"
#include "cli/settings.h"

namespace gentlify {

/// Returns what is to be printed; `top` on a terminal draws until the run ends. Throws Error: what
/// the run answers, or that there is none (no_input), or several (usage).
std::string ctl(const Options& options, const Settings& settings);

}  // namespace gentlify
