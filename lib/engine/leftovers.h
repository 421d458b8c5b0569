// Processes that have outlived their jobs. Whoever loses its parent in a run becomes a child of the
// worker, so a child that is no job is one of them, once the job is over in whose group it is or
// whose number its environment carries.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <unordered_map>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

class Leftovers {
 public:
  /// `run`: the value of GENTLIFY_RUN in the jobs' environment. `end`: they are ended, else only
  /// waited for when they have.
  Leftovers(std::string run, bool end) : run_(std::move(run)), end_(end) {}

  /// Who still runs.
  struct Jobs {
    std::function<bool(pid_t)> has_pid;  ///< a job's process is of this number, and so its group
    std::function<bool(JobId)> has_job;
  };

  /// Looks at our children, and ends those that have outlived their job: TERM when they are seen
  /// for the second time, KILL 2 s later.
  void sweep(const Jobs& jobs, TimePoint now);

  /// When to look again; `never` where there is nothing to look at, as far as is known.
  TimePoint next() const { return next_; }
  /// A job has ended, and may have left something.
  void look_later(TimePoint now);

 private:
  struct Known {
    JobId job{};              // 0: its environment tells of none
    TimePoint ended = never;  // when TERM was sent
    bool seen = false;        // without its job
  };

  std::string run_;
  bool end_;
  TimePoint next_ = never;
  std::unordered_map<pid_t, Known> known_;
};

}  // namespace gentlify
