// When most jobs simply fail: `grep -q`, a test suite, a mistyped flag. It is the jobs, and their
// failures then tell the law no more of the service than a success does, where no job has ever said
// overload, no retry has ever gone through, and
//
// - three probes of the circuit have failed, or 30 where first tries usually went through (7 of 10)
//   before the circuit opened: then the service may well be away, and that is about five minutes;
//   or
// - a quarter or more of the first tries fail, and what succeeds is always a first try. Overload is
//   no respecter of jobs: it would let a retry through as easily. So a first try that succeeds
//   after m first tries, itself counted, and k retries since the last success adds log((m + k) / m)
//   to the odds, and 5 are enough. While fewer fail there are none.
//
// It is over when 20 first tries in a row succeed, in the order of their start, or when retries go
// through after all: 3 of them, at a quarter or more of the rate at which first tries do.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "lib/control/attempt.h"
#include "lib/control/circuit_breaker.h"
#include "lib/core/outcome.h"

namespace gentlify {

class Blame {
 public:
  /// Learns from an attempt that ended; true where the answer of `on_jobs` has changed.
  /// `usual_failures`: see CircuitBreaker; read where the circuit opened.
  bool on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
              double usual_failures) {
    const bool success = outcome.verdict == Verdict::success;
    retry_worked_ = retry_worked_ || (success && attempt.repeat);
    overload_said_ = overload_said_ || outcome.verdict == Verdict::overload;
    if (circuit.reopened()) ++failed_probes_;
    // What came before is another time: it cannot be compared with what comes now.
    if (circuit.before != circuit.after) firsts_since_ = retries_since_ = 0;
    if (!attempt.repeat) {
      first_try(attempt.id, success, circuit.before == Circuit::closed);
    } else if (circuit.before == Circuit::closed) {
      retry(success);
    }
    if (circuit.opened()) worked_before_ = usual_failures <= 0.3;
    if (in_a_row_ >= 5 || (success && attempt.repeat)) failed_probes_ = 0;
    const bool before = on_jobs_;
    on_jobs_ = !overload_said_ && (before ? !is_over() : is_certain());
    if (on_jobs_ != before) {
      odds_ = 0;
      failed_probes_ = 0;
      firsts_ = retries_ = {};
    }
    return on_jobs_ != before;
  }

  /// Plain failures are the jobs' own.
  bool on_jobs() const { return on_jobs_; }
  /// Nothing has told the jobs' failures from an outage yet. It is worth finding out soon: probes
  /// go out each open_duration, without doubling.
  bool suspects_jobs() const { return !overload_said_ && !retry_worked_ && !worked_before_; }

 private:
  struct Tally {
    double all = 0, good = 0;

    void add(bool success) {
      ++all;
      if (success) ++good;
    }
    double share() const { return all > 0 ? good / all : 0; }
  };

  bool is_over() const {
    if (in_a_row_ >= enough_successes) return true;
    return retries_.good >= 3 && 4 * retries_.share() >= firsts_.share();
  }
  bool is_certain() const {
    if (retry_worked_) return false;
    if (failed_probes_ >= (worked_before_ ? many_probes : few_probes)) return true;
    return odds_ >= enough_odds;
  }
  void first_try(AttemptId id, bool success, bool closed) {
    if (!success) {
      in_a_row_ = 0;
      last_failed_ = std::max(last_failed_, id);
    } else if (id > last_failed_) {
      ++in_a_row_;
    }
    if (!closed) return;
    firsts_.add(success);
    tries_ = std::min(tries_ + 1, 100);
    share_ += ((success ? 1 : 0) - share_) / tries_;
    ++firsts_since_;
    if (!success) return;
    const bool many_fail = share_ <= 0.75;
    odds_ = many_fail ? odds_ + std::log((firsts_since_ + retries_since_) / firsts_since_) : 0;
    firsts_since_ = retries_since_ = 0;
  }
  void retry(bool success) {
    retries_.add(success);
    ++retries_since_;
  }

  static constexpr int few_probes = 3, many_probes = 30;
  static constexpr int enough_successes = 20;
  static constexpr double enough_odds = 5;

  bool overload_said_ = false;
  bool retry_worked_ = false;
  bool worked_before_ = false;
  bool on_jobs_ = false;
  int failed_probes_ = 0;  // since anything worked
  int in_a_row_ = 0;       // first tries that succeeded, since the last that failed
  AttemptId last_failed_{};
  int tries_ = 0;                                // first tries, up to 100
  double share_ = 1;                             // of first tries that succeeded, fading
  double odds_ = 0;                              // log-odds for the jobs
  double firsts_since_ = 0, retries_since_ = 0;  // the last success
  Tally firsts_, retries_;                       // since the answer changed
};

}  // namespace gentlify
