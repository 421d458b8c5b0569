// What makes a job the same one in another run: its item, and what is made of it.
#pragma once

#include "lib/core/digest.h"
#include "lib/core/job.h"

namespace gentlify {

/// Of the job's item and its parts. `seed` stands for all that holds for every job: the command and
/// how items are read.
Identity identity_of(const Job& job, std::uint64_t seed);

}  // namespace gentlify
