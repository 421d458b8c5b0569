// A list of jobs that several hosts work on: what this host may run of it. No I/O: who holds it
// talks to the others.
#pragma once

#include <cstdint>

#include "lib/core/job.h"

namespace gentlify {

class SharedList {
 public:
  enum class Take {
    job,    ///< `job` is filled in, with its number; it is ours until it has ended
    input,  ///< a job is ours that was not shown yet: show more of the input
    wait,   ///< nothing now: ask again after the list has heard from the others
    end,    ///< nothing will come any more
  };

  virtual ~SharedList() = default;

  /// The next job for this host. Their numbers come in any order.
  virtual Take take(Job& job) = 0;
  /// Jobs that are ours and were not taken, as far as that is known.
  virtual std::uint64_t rest() const = 0;
  /// Every job of the list is settled, by whomever.
  virtual bool is_over() const = 0;

  /// The job with this number is done with already, as this host has on record.
  virtual void skip(JobId id) { (void)id; }

  // For a list whose items come from the input of each host, which reads it once.

  /// The next item of the input. None is left out, so that two lists can be told apart.
  virtual void count(const Job& item) { (void)item; }
  /// The input has ended, and was read to its end.
  virtual void count_end() {}
  /// The next item that is not done with, as this host has on record; with its number.
  virtual void show(Job&& job) { (void)job; }
  /// There is nothing more to show.
  virtual void show_end() {}
};

}  // namespace gentlify
