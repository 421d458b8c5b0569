// `gentlify push`: jobs for runs with --fleet-jobs stream.
#pragma once

#include "cli/options.h"
#include "cli/request.h"

namespace gentlify {

/// Pushes the items of the input, and says on stderr how many those were. Throws Error where one
/// cannot be read or pushed.
Ending push(const Options& options, RunRequest request);

}  // namespace gentlify
