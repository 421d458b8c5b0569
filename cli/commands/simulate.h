// `gentlify simulate`: the controller of a run against a modelled service, in virtual time.
#pragma once

#include <string>

#include "cli/options.h"
#include "cli/settings.h"

namespace gentlify {

/// What is to be printed. `cores` says what 100% is. Throws Error where the model cannot be read or
/// the trace cannot be written.
std::string simulate(const Options& options, const Settings& settings, int cores);

}  // namespace gentlify
