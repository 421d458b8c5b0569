// `--dry-run`: shows the jobs, and runs none.
#pragma once

#include "cli/request.h"

namespace gentlify {

/// Prints the command line of each job, as a shell reads it back, in the order of the items. One
/// that could never be run is told of, and the program exits as if it had failed.
Ending dry_run(RunRequest request, int cores);

}  // namespace gentlify
