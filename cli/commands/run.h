// `gentlify [run]`: runs the jobs.
#pragma once

#include "cli/request.h"
#include "lib/engine/guardian.h"

namespace gentlify {

/// What the settings say of processes that outlive their job.
Leftover leftover_of(const Settings& settings);

/// `cores` says what 100% is. Throws Error where nothing can be started at all.
Ending run(RunRequest request, Plan plan, int cores);

}  // namespace gentlify
