// The environment of jobs: ours without gentlify's settings, and what tells a job who it is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/core/job.h"

namespace gentlify {

class Environment {
 public:
  /// `base`: NAME=VALUE strings. `run_id` is the same for all jobs of the run. `reports`: a job has
  /// a pipe for reports, and is told its descriptor.
  Environment(std::vector<std::string> base, std::uint64_t run_id, bool reports);

  /// The value of GENTLIFY_RUN.
  const std::string& run_id() const { return run_id_; }

  /// Null-terminated, for execve; good until the next call.
  char* const* of(const Job& job, int slot);

 private:
  enum Variable : std::size_t { run, seq, id, attempt, in_slot, key, variables };

  std::vector<std::string> base_;
  std::string run_id_;
  std::array<std::string, variables> own_;
  std::vector<char*> pointers_;
};

}  // namespace gentlify
