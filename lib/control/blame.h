// When most jobs simply fail: `grep -q`, a test suite, a mistyped flag. Where three probes of the
// circuit in a row have failed, although no job has said overload and no retry has ever gone
// through, it is the jobs. The circuit closes, and plain failures count for nothing until 20 first
// tries in a row succeed.
//
// Where first tries had gone through before the circuit opened (7 of 10, over the last 50 or so) it
// may well be the service that is away, and it takes 30 probes: about five minutes.
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
    if (circuit.opened()) worked_before_ = successes_ >= 20 && share_ >= 0.7;
    if (circuit.reopened()) ++failed_probes_;
    if (circuit.closed()) failed_probes_ = 0;
    if (!attempt.repeat) first_try(success, circuit.before == Circuit::closed);
    const bool before = on_jobs_;
    if (on_jobs_) {
      on_jobs_ = in_a_row_ < enough_successes && !overload_said_;
    } else {
      const int enough = worked_before_ ? many_probes : few_probes;
      on_jobs_ = failed_probes_ >= enough && !overload_said_ && !retry_worked_;
    }
    if (on_jobs_) failed_probes_ = 0;
    return on_jobs_ != before;
  }

  /// Plain failures are the jobs' own.
  bool on_jobs() const { return on_jobs_; }

 private:
  void first_try(bool success, bool closed) {
    in_a_row_ = success ? in_a_row_ + 1 : 0;
    if (success) ++successes_;
    // The streak that opens the circuit must not count as what was before it.
    if (closed) share_ += ((success ? 1 : 0) - share_) / 50;
  }

  static constexpr int few_probes = 3, many_probes = 30;
  static constexpr int enough_successes = 20;

  bool overload_said_ = false;
  bool retry_worked_ = false;
  bool worked_before_ = false;
  bool on_jobs_ = false;
  int failed_probes_ = 0;  // in a row
  int in_a_row_ = 0;       // first tries that succeeded
  std::uint64_t successes_ = 0;
  double share_ = 1;  // of first tries that succeeded, fading
};

}  // namespace gentlify
