// A cut made on plain failures is on trial: it may have been the jobs. It is taken back, the last
// of them where several are,
//
// - if those whose failures caused it fail again at the lower level, 2 to 1, at least half of them
//   having run, while first tries go through, or
// - if 60 first tries at the lower level fail as often as they did long before the cut; that
//   failure share is expected from then on.
#pragma once

#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

#include "lib/control/attempt.h"

namespace gentlify::hover {

class Trial {
 public:
  /// A cut was made after `last_started` had started, on failures of `accused`. Cuts that follow
  /// while a trial goes on join it.
  void begin(AttemptId last_started, const std::vector<JobId>& accused);
  bool on() const { return on_; }
  void drop() { on_ = false; }

  /// A job's retry ended. True: the cut is taken back.
  bool retried(JobId job, bool failed, bool first_tries_go_through);

  /// A first try below every ceiling ended. The failure share to expect where the cut is taken
  /// back.
  std::optional<double> first_try(AttemptId id, bool failed);

 private:
  double failed_before() const;

  bool on_ = false;
  AttemptId begin_{};
  std::unordered_set<JobId> accused_;
  int all_accused_ = 0, failed_again_ = 0, cleared_ = 0;
  int tries_ = 0, failed_ = 0;
  double before_ = 0;
  std::deque<bool> history_;  // of the last 150 first tries: failed
};

}  // namespace gentlify::hover
