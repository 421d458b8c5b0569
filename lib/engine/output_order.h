// Shows what jobs wrote in the order of the jobs: what comes before its turn is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>

#include "lib/core/job.h"
#include "lib/engine/process.h"
#include "lib/engine/spool.h"

namespace gentlify {

class OutputOrder {
 public:
  using Show = std::function<void(Stream, Kept&&)>;

  OutputOrder(Spool& spool, Show show) : spool_(spool), show_(std::move(show)) {}

  /// The first job, from 1 on, that is not settled: what it writes is shown at once.
  JobId turn() const { return JobId{turn_}; }
  /// Shows the bytes, or keeps them until the job has its turn.
  void add(JobId job, Stream stream, Kept&& bytes);
  /// Nothing comes of the job any more, if anything ever did. Each job must be settled once.
  void settle(JobId job);

  /// Jobs that are known of before their turn.
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    explicit Waiting(Spool& spool) : kept{Kept(spool), Kept(spool)} {}
    std::array<Kept, 2> kept;
    bool settled = false;
  };

  Waiting& waiting(JobId job) { return waiting_.try_emplace(job, spool_).first->second; }

  Spool& spool_;
  Show show_;
  std::uint64_t turn_ = 1;
  std::unordered_map<JobId, Waiting> waiting_;
};

}  // namespace gentlify
