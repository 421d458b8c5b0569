// When to give a job up. Failing is not enough: the service may be away. A job is given up where
// its failures are its own,
//
// - its allowance of attempts is used up, while first tries go through, or where overload would be
//   said and others got through between each two of its attempts, or
// - it has failed as often, and nothing at all has worked for 60 s.
//
// Before that it is a suspect: where it failed twice while others got through it counts as 0.3
// broken jobs, and from the third time on as one.
//
// A failure while the service is in trouble is not charged to a job with a clean record.
#pragma once

#include <unordered_map>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify::hover {

class JobRecords {
 public:
  struct Record {
    int failures = 0;  ///< overload that was said included
    int charged = 0;   ///< plain ones, held against the job
    int sure = 0;      ///< ... between which others got through
    TimePoint last = never;
  };

  bool has_failed(JobId job) const { return records_.contains(job); }
  void settled(JobId job) {
    const auto record = records_.find(job);
    if (record == records_.end()) return;
    suspects_ -= suspicion(record->second.sure);
    records_.erase(record);
  }
  /// How many jobs that are not settled are probably broken.
  double suspects() const { return suspects_; }

  void refused(JobId job, TimePoint now) {
    Record& record = records_[job];
    ++record.failures;
    record.last = now;
  }

  /// A plain failure. `in_trouble`: the service may be the cause. `last_success`: the latest start
  /// of an attempt that succeeded.
  const Record& failed(JobId job, bool in_trouble, TimePoint last_success, TimePoint now) {
    Record& record = records_[job];
    ++record.failures;
    if (!in_trouble || record.charged > 0) ++record.charged;
    if (record.failures == 1 || last_success >= record.last) {
      suspects_ -= suspicion(record.sure);
      suspects_ += suspicion(++record.sure);
    }
    record.last = now;
    return record;
  }

  /// Of a job that may have `allowed` attempts.
  static bool is_broken(const Record& record, int allowed, bool go_through, bool overload_is_said) {
    if (record.charged < allowed) return false;
    return go_through || (overload_is_said && record.sure >= allowed);
  }
  /// ... or will be, where nothing else works either.
  static bool is_hopeless(const Record& record, int allowed) { return record.failures >= allowed; }

 private:
  /// How likely a job is broken that failed so often while others got through.
  static double suspicion(int sure) { return sure < 2 ? 0 : sure == 2 ? 0.3 : 1; }

  double suspects_ = 0;
  std::unordered_map<JobId, Record> records_;  // of jobs that failed and are not settled
};

}  // namespace gentlify::hover
