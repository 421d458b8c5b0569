// What --help and --version print.
#pragma once

#include <string>

#include "cli/options.h"

namespace gentlify {

/// 80 columns wide.
std::string help(Options::Verb verb = Options::Verb::run);

/// "gentlify 1.2.3"
std::string version();

}  // namespace gentlify
