// When most jobs simply fail: `grep -q`, a test suite, a mistyped flag. Where three probes of the
// circuit in a row have failed, although no job has said overload and no retry has ever gone
// through, it is the jobs. The circuit closes, and plain failures count for nothing until 20 first
// tries in a row succeed.
#pragma once

#include "lib/control/attempt.h"
#include "lib/control/circuit_breaker.h"
#include "lib/core/outcome.h"

namespace gentlify {

class Blame {
 public:
  /// Learns from an attempt that ended; true where the answer of `on_jobs` has changed.
  bool on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit) {
    const bool success = outcome.verdict == Verdict::success;
    if (outcome.verdict == Verdict::overload) overload_said_ = true;
    if (success && attempt.repeat) retry_worked_ = true;
    if (circuit.reopened()) ++failed_probes_;
    if (circuit.closed()) failed_probes_ = 0;
    if (!attempt.repeat) successes_ = success ? successes_ + 1 : 0;
    const bool before = on_jobs_;
    if (on_jobs_) {
      on_jobs_ = successes_ < enough_successes && !overload_said_;
    } else {
      on_jobs_ = failed_probes_ >= enough_probes && !overload_said_ && !retry_worked_;
    }
    if (on_jobs_) failed_probes_ = 0;
    return on_jobs_ != before;
  }

  /// Plain failures are the jobs' own.
  bool on_jobs() const { return on_jobs_; }

 private:
  static constexpr int enough_probes = 3;
  static constexpr int enough_successes = 20;

  bool overload_said_ = false;
  bool retry_worked_ = false;
  bool on_jobs_ = false;
  int failed_probes_ = 0;  // in a row
  int successes_ = 0;      // first tries in a row
};

}  // namespace gentlify
