// One try at a job, as the controller sees it.
#pragma once

#include <cstdint>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

/// Attempts in the order of their start, from 1.
enum class AttemptId : std::uint64_t {};

struct Attempt {
  AttemptId id{};
  JobId job{};
  TimePoint started;
  /// The job had already failed or been refused before this attempt.
  bool repeat = false;
  /// It took the last free slot: the limit, not the input, was the bottleneck.
  bool filled_limit = false;
};

}  // namespace gentlify
