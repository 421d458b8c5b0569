// The last words of a run: what became of the jobs, what they waited for, which of them failed.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "lib/control/progress.h"
#include "lib/record/failed_jobs.h"

namespace gentlify {

struct RunFacts {
  TimePoint end;
  std::uint64_t not_started = 0;
  bool more_may_follow = false;  ///< the input was not read to its end
  std::array<Duration, gate_count> waited{};
  std::string halted;  ///< why the run ended with jobs left; empty where nothing halted it
  std::uint64_t failed_before = 0;  ///< in earlier runs of the same journal, and not run again
  std::string resume;               ///< the command that goes on; empty: none
};

/// The summary's lines, without "gentlify: ".
std::vector<std::string> summary_lines(const Progress& progress, const RunFacts& facts,
                                       const FailedJobs& failed);

/// "curl -f a: exit 22 after 3 attempts: the last line of its stderr", on one line.
std::string describe_failure(const FailedJobs::Entry& job);

}  // namespace gentlify
