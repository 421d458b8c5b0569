// Jobs and the kernel's OOM killer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "lib/core/job.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

/// Makes this process, and those it starts from now on, likelier victims than others of their size.
void offer_to_oom_killer();

/// Tells a KILL that came for want of memory from any other: the kernel has counted it. The count
/// is read where a job was killed, and now and then at other ends, so that kills of long ago are
/// not taken for a job's.
class OomKills {
 public:
  /// `cgroup` counts the kills among our own cgroup's processes (memory.events); where there is no
  /// such file, `machine` (/proc/vmstat) counts those of the whole machine.
  explicit OomKills(std::string cgroup = own_memory_events(), std::string machine = "/proc/vmstat");

  /// Where a KILL, not ours, was the end of the attempt and memory was short: that is overload the
  /// first time, as others took what this job would have needed. The second time, or where it ran
  /// `alone`, the job can never succeed here.
  void judge(Outcome& outcome, JobId job, bool alone, TimePoint now);
  /// `job` will not run again.
  void forget(JobId job) { killed_.erase(job); }

  static std::string own_memory_events();

 private:
  bool rose();
  void forget_old(TimePoint now);

  std::string file_;
  std::optional<std::uint64_t> known_;  // kills that have been told of, or are old
  std::uint64_t recent_ = 0;            // kills as of the last look, a second ago or more
  TimePoint next_look_{};
  std::unordered_set<JobId> killed_;  // once, and will run again
};

}  // namespace gentlify
