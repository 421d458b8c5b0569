// `gentlify check CONFIG`: whether a run that is given this configuration file would take it.
#pragma once

#include <string>

#include "cli/options.h"

namespace gentlify {

/// The line that says so. Throws the Error with which such a run would end; each preset of the file
/// is tried as if it were chosen.
std::string check(Options options, const char* const* environment, int cores);

}  // namespace gentlify
