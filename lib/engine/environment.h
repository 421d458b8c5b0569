// The environment of jobs: ours without gentlify's settings, and what tells a job who it is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/core/job.h"

namespace gentlify {

/// The environment of one job, as execve takes it; another one may be filled in.
struct JobEnvironment {
  std::array<std::string, 6> own;
  std::vector<std::string> item;  ///< what the job's item adds
  std::vector<char*> pointers;    ///< null-terminated
};

class Environment {
 public:
  /// `base`: NAME=VALUE strings. `run_id` is the same for all jobs of the run. `reports`: a job has
  /// a pipe for reports, and is told its descriptor.
  Environment(std::vector<std::string> base, std::uint64_t run_id, bool reports);

  /// The value of GENTLIFY_RUN.
  const std::string& run_id() const { return run_id_; }

  /// Writes the environment of `job` in `slot`. It is good while we are and `filled` is not moved.
  void fill(const Job& job, int slot, JobEnvironment& filled);
  /// The same for a process that belongs to the run, and to no job of it.
  void fill(JobEnvironment& filled);

 private:
  std::vector<std::string> base_;
  std::string run_id_;
};

}  // namespace gentlify
