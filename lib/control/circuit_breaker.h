// Stops all starts while the service is away.
//
//   closed    -> open       a row of failures, in the order of their start, that is as improbable
//                           as `consecutive_failures` where one in ten fails anyway: each first
//                           try counts as log(f) / log(0.1), at most 1, where a share f of them
//                           usually fails, and each retry within the row in the same way. Above
//                           0.65 first tries count as 1 again. Of a row at most a third may be
//                           unknown
//   open      -> half open  `open_duration` later
//   half open -> open       a probe failed: twice as long as before, at most 5 x open_duration
//   half open -> closed     a probe succeeded
//
// Overload that was said counts at every attempt; where a Retry-After came with it the pause does
// what opening would. Only probes move an open circuit: attempts that started before it opened
// neither extend nor close it. A probe that ends as no evidence frees its place.
#pragma once

#include <deque>
#include <set>

#include "lib/control/attempt.h"
#include "lib/core/outcome.h"

namespace gentlify {

enum class Circuit { closed, open, half_open };

/// What an attempt's end did to the circuit.
struct CircuitMove {
  Circuit before = Circuit::closed;
  Circuit after = Circuit::closed;

  bool opened() const { return before == Circuit::closed && after == Circuit::open; }
  bool reopened() const { return before == Circuit::half_open && after == Circuit::open; }
  bool closed() const { return before != Circuit::closed && after == Circuit::closed; }
};

class CircuitBreaker {
 public:
  struct Settings {
    int consecutive_failures = 10;  ///< 0: never opens
    Duration open_duration = std::chrono::seconds(2);
    int half_open_max_calls = 1;  ///< probes at once, at least 1
    bool refuses = false;         ///< while it is open jobs fail instead of waiting
  };

  explicit CircuitBreaker(const Settings& settings) : settings_(settings) {}

  /// Asked only where an attempt can follow: an open circuit whose time is over becomes half open.
  Admission next_start(TimePoint now);
  void on_start(const Attempt& attempt);
  CircuitMove on_end(const Attempt& attempt, const Outcome& outcome, TimePoint now);
  /// The attempt ended as no evidence.
  void forget(const Attempt& attempt);

  /// Takes back that a failed probe doubles the time.
  void open_again(TimePoint now) { open(settings_.open_duration, now); }
  /// Closes it for a reason of the caller's.
  void close();

  Circuit state() const { return state_; }
  /// A job whose turn comes now fails without a start.
  bool refuses() const { return settings_.refuses && state_ == Circuit::open; }
  /// When the first probe may go, while it is open.
  TimePoint open_until() const { return until_; }
  /// When it opened last; a failed probe does not count.
  TimePoint opened() const { return opened_; }
  /// The share of first tries that fail while the service is there: of the last 100 that started
  /// before the present streak; 1 before 3 have succeeded.
  double usual_failures() const;
  /// First tries that failed in a row.
  int failures() const { return streak_; }

 private:
  bool streak_is_long() const;
  void remember(const Attempt& attempt, bool failed);
  void open(Duration duration, TimePoint now);

  static constexpr int longest = 5;  // times open_duration
  static constexpr double few = 0.1, most = 0.65;

  Settings settings_;
  Circuit state_ = Circuit::closed;
  TimePoint until_{};
  TimePoint opened_{};
  Duration duration_{};
  struct Ended {
    AttemptId id{};
    bool failed = false;
  };

  double usual_failures(const std::deque<Ended>& ended) const;

  std::deque<Ended> first_tries_, retries_;  // in the order of their ends, while closed
  std::set<AttemptId> in_flight_;
  std::set<AttemptId> probes_;
  int streak_ = 0, streak_retries_ = 0;
  AttemptId streak_begin_{}, streak_end_{};
};

}  // namespace gentlify
