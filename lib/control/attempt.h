// One try at a job, as the controller sees it.
#pragma once

#include <cstdint>

#include "lib/core/gate.h"
#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

/// Attempts in the order of their start, from 1.
enum class AttemptId : std::uint64_t {};

struct Attempt {
  AttemptId id{};
  JobId job{};
  TimePoint started;
  /// What it is expected to cost.
  Cost cost = 1;
  /// Attempts in flight at its start, with itself.
  int in_flight = 1;
  /// So many attempts may fail on the job's account; 0: as many as of any other.
  int max_attempts = 0;
  /// The job had already failed or been refused before this attempt.
  bool repeat = false;
  /// It took the last free slot: the limit, not the input, was the bottleneck.
  bool filled_limit = false;
  /// The last gate that held it up; none where nothing did.
  Gate waited_for = Gate::none;
};

}  // namespace gentlify
