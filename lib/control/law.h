// The seam behind which the adaptive laws stand: how many at once, how far apart, and whose fault a
// failure was.
#pragma once

#include <algorithm>
#include <optional>

#include "lib/control/attempt.h"
#include "lib/control/circuit_breaker.h"
#include "lib/core/event.h"
#include "lib/core/gate.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

/// The most attempts in flight where the user sets no cap.
inline constexpr int no_cap = 1'000'000;

/// The bounds that the user sets and no law leaves.
struct Bounds {
  /// Moves the cap, and what would be above it.
  void cap(int max) {
    max_concurrency = max;
    min_concurrency = std::min(min_concurrency, max);
    initial_concurrency = std::min(initial_concurrency, max);
  }

  /// Attempts in flight: 1 <= min <= initial <= max.
  int min_concurrency = 1;
  int initial_concurrency = 1;
  int max_concurrency = 1;
  /// Time between starts: 0 <= min <= max.
  Duration min_interval{};
  Duration max_interval{};
};

/// A move of the law's knobs: see event::Adjusted.
struct Adjustment {
  event::Adjusted::Kind kind;
  int limit_before, limit;
  Duration interval_before, interval;
};

/// Whose fault a failed attempt was, and so on whose allowance its retry goes.
enum class Account { job, service };

/// What a law makes of an attempt's end.
struct Ruling {
  std::optional<Adjustment> moved;
  /// Nothing: overload is the service's fault, a plain failure the job's.
  std::optional<Account> account;
  /// The job is given up, whatever is left of its allowance.
  bool give_up = false;
  /// How long its retry waits at least; nothing: by its backoff.
  std::optional<Duration> delay;
  /// Nothing starts for so long.
  std::optional<Duration> pause;
};

class Law {
 public:
  virtual ~Law() = default;

  /// When the next attempt may start with `in_flight` running: `never` means after one has ended.
  virtual Admission next_start(TimePoint now, int in_flight) = 0;

  virtual void on_start(const Attempt& attempt) = 0;

  /// An attempt ended in success, failure or overload; `circuit` is what that did to the circuit.
  virtual Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
                        TimePoint now) = 0;

  /// An attempt ended, or could not start, and is no evidence of anything.
  virtual void forget(const Attempt&) {}

  /// An attempt failed by the job's own fault: to the service it was as good as a success.
  virtual std::optional<Adjustment> on_job_fault(const Attempt& attempt, TimePoint) {
    forget(attempt);
    return {};
  }

  /// A job that had failed will not run again.
  virtual void on_settled(JobId) {}

  /// What was taken for overload was none: all that was learnt is forgotten.
  virtual void start_over() {}

  /// The user has set another cap, at least 1; a minimum above it comes down to it. A cap that is
  /// higher is room to find, for a law that adapts. Laws of which no run is made have no use for
  /// it.
  virtual void set_max_concurrency(int /*max*/) {}

  /// Attempts that may be in flight now, at least 1.
  virtual int limit() const = 0;

  /// Time that it keeps between starts now; 0: none.
  virtual Duration interval() const { return {}; }

  /// How much speaks for overload now, as log-odds, at least 0: for those who share a service.
  virtual double log_odds() const { return 0; }

  /// A job not tried yet should go before retries that are due.
  virtual bool wants_untried() const { return false; }
};

}  // namespace gentlify
