// What ends a run before its jobs are done:
//
//   fail=N        N jobs have failed for good
//   fail=N%       at least 3 jobs have, and that is N% of those completed so far
//   on open       the circuit has opened
//   max open      the circuit has not closed again for so long
//   no record     what the run does can no longer be written down
//
// It learns from events and is asked what to do; it does nothing itself.
#pragma once

#include <cstdint>
#include <string>

#include "lib/core/event.h"
#include "lib/core/time.h"

namespace gentlify {

/// `--halt`: never, or "soon,fail=3", "now,fail=10%". One of `jobs` and `percent` is not 0 then.
struct HaltRule {
  enum class When {
    none,
    soon,  ///< start nothing more; jobs that run finish
    now,   ///< stop the jobs that run
  };
  When when = When::none;
  std::uint64_t jobs = 0;  ///< that failed
  int percent = 0;         ///< of the completed jobs, 1..100

  bool operator==(const HaltRule&) const = default;
};

class Halt : public EventSink {
 public:
  struct Settings {
    HaltRule rule;
    bool on_open = false;
    Duration max_open{};  ///< 0: none
  };
  enum class Reason { none, failures, circuit_opened, circuit_stays_open, no_record };

  explicit Halt(const Settings& settings) : settings_(settings) {}

  void on_event(const Event& event, TimePoint now) override;

  /// A record cannot be written; `why` as a clause. Nothing more is to be started.
  void lose_record(const std::string& why);

  /// What is to be done by now. It does not go back: what has been due stays due.
  HaltRule::When due(TimePoint now);
  /// When `due` may change without an event.
  TimePoint next() const { return reason_ == Reason::none ? too_long_at_ : never; }

  /// Why a record cannot be written; empty where all can.
  const std::string& lost_record() const { return lost_record_; }

  /// The first reason that was due.
  Reason reason() const { return reason_; }
  /// It as a clause: "3 jobs have failed".
  std::string why() const;

 private:
  static constexpr std::uint64_t least_failed = 3;  // before percents mean anything

  void set(Reason reason, HaltRule::When when);
  void count(Fate fate);

  Settings settings_;
  std::uint64_t failed_ = 0, completed_ = 0;
  TimePoint too_long_at_ = never;  // the circuit is open, and then will have been for too long
  Reason reason_ = Reason::none;
  HaltRule::When when_ = HaltRule::When::none;
  std::string lost_record_;
  std::uint64_t failed_then_ = 0, completed_then_ = 0;  // when the rule struck
};

}  // namespace gentlify
