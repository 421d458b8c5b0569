// What --help and --version print.
#pragma once

#include <string>

namespace gentlify {

/// 80 columns wide.
std::string help();

/// "gentlify 1.2.3"
std::string version();

}  // namespace gentlify
