// The default law: it keeps just under what the service takes, finds that in seconds, tries a
// little more from time to time, and comes back fast when there is room. Two knobs: slots, attempts
// in flight; and rate, starts per second, off until it is found guilty.
//
//   knob.h         each knob = ceiling * g(successes since its ceiling moved)
//   suspicion.h    overload is a likelihood test
//   guilt.h        who is guilty, the slots or the rate?
//   starts.h       the cut goes down to what was accepted
//   trial.h        a cut made on plain failures is on trial
//   must_pay.h     more slots must bring more throughput
//   held_slots.h   failing fast does not mean starting faster
//   job_records.h  when to give a job up
//   recent.h       whether first tries and retries go through, as several of these ask
//
// The circuit and the rule for runs in which most jobs fail stand beside it, in the controller.
//
// Generations: attempts that started before the last cut are stale and count for nothing.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "lib/control/hover/guilt.h"
#include "lib/control/hover/held_slots.h"
#include "lib/control/hover/job_records.h"
#include "lib/control/hover/knob.h"
#include "lib/control/hover/must_pay.h"
#include "lib/control/hover/recent.h"
#include "lib/control/hover/starts.h"
#include "lib/control/hover/suspicion.h"
#include "lib/control/hover/trial.h"
#include "lib/control/law.h"
#include "lib/control/random.h"

namespace gentlify {

class Hover : public Law {
 public:
  struct Settings {
    int max_attempts = 3;  ///< that may fail on a job's account, at least 1
    Duration base_delay = std::chrono::seconds(1);  ///< of a retry
  };

  Hover(const Bounds& bounds, const Settings& settings, std::uint64_t seed);

  Admission next_start(TimePoint now, int in_flight) override;
  void on_start(const Attempt& attempt) override;
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, CircuitMove circuit,
                TimePoint now) override;
  void forget(const Attempt& attempt) override;
  std::optional<Adjustment> on_job_fault(const Attempt& attempt, TimePoint now) override;
  void start_over() override;
  void on_settled(JobId id) override {
    jobs_.settled(id);
    suspicion_.suspects(jobs_.suspects());
    suspicion_.forget(id);
  }
  void set_max_concurrency(int max) override;
  int limit() const override;
  Duration interval() const override;
  double log_odds() const override { return suspicion_.log_odds(); }
  bool wants_untried() const override { return trouble_ && prefers_untried_; }

  /// Starts per second; Knob::unlimited where the rate is off.
  double rate() const;

 private:
  /// What must be known of an attempt at its end.
  struct Seen {
    TimePoint started;
    int in_flight = 0;         // at its start, less those that turned out to be refused
    bool slots_bound = false;  // that knob was in the way
    bool rate_bound = false;
    bool slots_tested = false;  // ... above its ceiling
    bool rate_tested = false;
    bool doubtful = false;  // it started after a cut that could not go down to what was accepted
    bool repeat = false;
    hover::MustPay::Cohort cohort = 0;

    bool past_ceiling() const { return slots_tested || rate_tested || doubtful; }
  };
  /// A row of failures without a sign of health in between.
  struct Episode {
    std::vector<JobId> jobs;
    int failures = 0, late = 0;
    int below = 0;  // every ceiling

    /// Mostly failures that took long: swamped, not refused.
    bool is_late() const { return 2 * late > failures; }
  };
  struct Knobs {
    hover::Knob slots, rate;
    double ramp = 0;
  };

  struct Position {
    int limit = 0;
    Duration interval{};  // of the rate's ceiling; 0: none
  };

  Position position() const;
  std::optional<Adjustment> moved_from(const Position& before, event::Adjusted::Kind less) const;
  void success(const Attempt& attempt, const Seen& seen, CircuitMove circuit, TimePoint now);
  Ruling failure(const Attempt& attempt, const Seen& seen, const Outcome& outcome,
                 CircuitMove circuit, TimePoint now);
  Ruling rule(const Attempt& attempt, const hover::JobRecords::Record& record, bool goes_through,
              TimePoint now);
  void hold_slot(const Seen& seen, TimePoint now);
  void count_duration(Duration took);
  void grow(const Seen& seen, TimePoint now);
  bool overloaded(const Attempt& attempt, const Seen& seen, const Outcome& outcome, TimePoint now);
  void cut(const Seen& seen, const Outcome& outcome, TimePoint now);
  void cut_rate(const Seen& seen, TimePoint now);
  void cut_slots(const Seen& seen, TimePoint now);
  void first_try(AttemptId id, bool failed);
  void take_back();
  void circuit_opened(CircuitMove circuit, bool stale);
  void circuit_closed(TimePoint now);
  void settle();
  void new_generation();
  bool go_through() const;
  bool calm(TimePoint now) const;
  Duration longest_interval() const;
  Duration average() const;
  Duration spread() const;

  Bounds bounds_;
  Settings settings_;
  Random random_;
  Knobs knobs_;
  Knobs before_cut_;
  hover::Suspicion suspicion_;
  hover::Guilt guilt_;
  hover::Starts starts_;
  hover::Trial trial_;
  hover::MustPay must_pay_;
  hover::HeldSlots held_;
  hover::JobRecords jobs_;
  hover::Recent recent_;
  Episode episode_;
  std::map<AttemptId, Seen> in_flight_;

  AttemptId last_started_{};
  AttemptId last_stale_{};  // attempts up to this one started before the last cut
  Circuit circuit_ = Circuit::closed;
  bool overload_said_ = false;
  bool retry_worked_ = false;
  bool trouble_ = false;
  AttemptId trouble_begin_{};
  TimePoint trouble_since_{};
  TimePoint last_failure_{};
  TimePoint last_success_start_{};  // the latest start of an attempt that succeeded
  TimePoint last_success_ = never;  // its end; the first start before there was one
  TimePoint next_start_{};          // by the rate
  TimePoint last_start_{};
  bool rate_waited_ = false;
  int doubts_ = 0;  // successes that it takes to believe in the last cut
  bool prefers_untried_ = true;
  double average_ = 0;  // seconds that a success takes
  int successes_ = 0;   // up to 20
};

}  // namespace gentlify
