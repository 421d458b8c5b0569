// Which job runs next, when, and what becomes of it after each attempt. It decides and tells; it
// neither runs anything nor reads a clock, so the engine, a simulation and the tests drive it
// alike:
//
//   loop: next(now) -> Start: run it, then on_started and on_end, or on_start_failed
//                      NeedInput: add(job) or close_input(), or wait for input until `until`
//                      Wait: until `until` or until something ends
//                      Done: every job is settled
//
// Where jobs have a fallback, one that fails for good waits for on_fallback_end, and holds no slot.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "lib/control/controller.h"
#include "lib/control/retry.h"
#include "lib/control/slot_pool.h"
#include "lib/core/event.h"

namespace gentlify {

/// Start this job now. The reference is good until on_end or on_start_failed names the job.
struct Start {
  const Job& job;
  int slot = 0;
};
/// Nothing may start before `until`, because of `gate`.
struct Wait {
  TimePoint until;
  Gate gate = Gate::none;
};
/// A job may start, but none is known; a retry comes due at `until`.
struct NeedInput {
  TimePoint until;
};
struct Done {};
using Step = std::variant<Start, Wait, NeedInput, Done>;

class Scheduler {
 public:
  /// `sink` must outlive the scheduler.
  Scheduler(Controller controller, Retry retry, EventSink& sink);

  Step next(TimePoint now);

  /// A new job, with its id set. One with a defect, or that no gate would ever let through, fails
  /// at once, alone.
  void add(Job job, TimePoint now);
  void close_input() { input_open_ = false; }

  /// The job of the last Start runs.
  void on_started() { controller_.on_started(); }

  /// The attempt of `id` ended. Says what becomes of the job.
  Fate on_end(JobId id, TimePoint now, const Outcome& outcome);

  /// From now on a job that fails for good has a fallback: its fate is Fate::fallback, however it
  /// failed, and on_fallback_end is to be called for it once.
  void expect_fallbacks() { has_fallback_ = true; }
  /// The fallback of `id` ended after `ran`. Its success is the job's; where it was stopped the job
  /// is not done.
  Fate on_fallback_end(JobId id, TimePoint now, const Outcome& outcome, Duration ran);
  /// Jobs that wait for the end of their fallback.
  std::size_t falling_back() const { return fallen_.size(); }

  /// `id` could not be started for want of local resources (`error`, an errno): it goes back to the
  /// head of the queue and no attempt is spent. `error` is 0 where it may not start because its
  /// start cannot be written down.
  void on_start_failed(JobId id, TimePoint now, int error);

  /// A job that waits for its start or its retry is none of ours any more: it is forgotten, as if
  /// it had not been added. False where it does not wait.
  bool withdraw(JobId id, TimePoint now);

  /// No new start and no retry from now on; jobs that wait for their retry are dropped. Not undone.
  void drain(TimePoint now);
  bool draining() const { return draining_; }
  /// The attempts in flight are being ended: for whoever listens. See event::Stopping.
  void stopping(Duration grace, bool reader_gone, TimePoint now) {
    sink_.on_event(event::Stopping{running(), grace, reader_gone}, now);
  }

  /// See Controller::set_closed.
  void set_closed(Gate gate, bool closed, TimePoint now);
  bool is_closed(Gate gate) const { return controller_.is_closed(gate); }

  /// A person pauses the run, until `until` or, where that is `never`, until the gate is opened.
  void pause(TimePoint until, TimePoint now);
  /// When the pause ends; past where there is none.
  TimePoint paused_until() const { return controller_.pause().until(); }
  bool is_paused_by_hand(TimePoint now) const { return controller_.pause().is_held(now); }

  /// A person changes a limit: see Controller. `change` tells what is changed.
  void set_max_concurrency(int max, const event::Changed& change, TimePoint now);
  void set_rate(const std::optional<Pacer::Settings>& pacer, const event::Changed& change,
                TimePoint now);
  void set_budget(Rate limit, const event::Changed& change, TimePoint now);

  /// An attempt in flight.
  struct InFlight {
    const Job& job;
    int slot = 0;
    TimePoint started{};
  };
  /// All of them, the oldest first. Good until the scheduler is called again.
  std::vector<InFlight> in_flight_jobs() const;
  /// While `Gate::output` is closed this job may start all the same, and where `beyond_limit` also
  /// as one more than the limit: others wait for its output, and it cannot wait for theirs.
  void let_pass(JobId id, bool beyond_limit) { passing_ = {id, beyond_limit}; }

  /// So many of the running attempts cannot be ended. They keep their slots, but where nothing else
  /// runs one more may start: the limit is never smaller than 1.
  void set_unkillable(int count) { unkillable_ = count; }

  int running() const { return static_cast<int>(running_.size()); }
  /// With the slots that waiting retries keep.
  int in_flight() const { return running() + held_; }
  int limit() const { return controller_.limit(); }
  /// See Law.
  double log_odds() const { return controller_.log_odds(); }
  /// What its last answer waits for, and when that opens (`never`: that is not known). Gate::none
  /// where nothing waits.
  Admission waiting() const { return waiting_for_; }
  /// See Controller.
  Duration interval() const { return controller_.interval(); }
  const Pacer::Settings* rate() const { return controller_.rate(); }
  const Pause& pause() const { return controller_.pause(); }
  const CircuitBreaker& circuit() const { return controller_.circuit(); }
  /// So many more attempts could start now, were it not for the fleet.
  int wanted(TimePoint now) const;
  /// What the fleet allows; null: there is none.
  const Permits* permits() const { return controller_.permits(); }
  /// Local resources have been short for so long that nothing will ever start.
  bool hopeless(TimePoint now) const { return running_.empty() && controller_.hopeless(now); }

  /// Time spent behind each gate while there was something to wait for.
  const std::array<Duration, gate_count>& waited() const { return waited_; }

  /// Jobs that wait for their retry or fallback; beyond this no new input is taken.
  static constexpr std::size_t max_retries = 10'000;

 private:
  struct Running {
    Job job;
    Attempt attempt;
    int slot = 0;
    Duration waited{};
    Gate gate = Gate::none;  // what it waited for last
  };
  struct Waiting {
    Job job;
    TimePoint at;
    int held_slot = 0;  // none
  };
  struct Fallen {
    Job job;
    Outcome outcome;  // that it failed with
  };
  struct Passing {
    JobId id{};
    bool beyond_limit = false;
  };

  /// Nothing: a job was settled on the way, and the question is to be asked again.
  std::optional<Step> decide(TimePoint now);
  std::optional<Step> decide_passing(TimePoint now);
  Step wait_for(const Admission& admission, TimePoint now) const;
  bool has_passing() const;
  /// A job whose turn it is, and the slot that it kept; 0: none.
  using Taken = std::pair<Job, int>;
  Taken take_fresh();
  Taken take_retry(JobId id);
  std::optional<Step> admit(Taken taken, TimePoint now);
  void refuse(Taken&& taken, TimePoint now);
  Step wait_for_the_rest() const;
  bool may_read() const { return input_open_ && waiting_.size() + fallen_.size() < max_retries; }
  Admission ask(bool retry, TimePoint now);
  Step start(Job job, int slot, TimePoint now);
  bool retry_due(TimePoint now) const { return next_retry() <= now; }
  TimePoint next_retry() const { return retries_.empty() ? never : retries_.begin()->first; }
  const Waiting& first_retry() const { return waiting_.at(retries_.begin()->second); }
  int beside(int in_flight) const;
  /// A job that is given up has no `delay` before its retry.
  Fate settle(Job& job, Verdict verdict, std::optional<Duration> delay, int slot, TimePoint now);
  void fail_unattempted(Job job, const Outcome& outcome, TimePoint now);
  std::optional<Duration> retry_delay(Job& job, const Outcome& outcome, const Ruling& ruling);
  void tell_changes(TimePoint now);
  void account(const Step& step, TimePoint now);

  Controller controller_;
  Retry retry_;
  EventSink& sink_;
  SlotPool slots_;
  std::deque<Job> fresh_;
  std::unordered_map<JobId, Running> running_;
  std::unordered_map<JobId, Waiting> waiting_;     // for their retry
  std::set<std::pair<TimePoint, JobId>> retries_;  // the same, in the order in which they come due
  std::unordered_map<JobId, Fallen> fallen_;       // their fallbacks have not ended
  Passing passing_;
  int held_ = 0;  // slots kept by waiting retries
  int unkillable_ = 0;
  std::uint64_t attempts_ = 0;
  bool input_open_ = true;
  bool asked_for_untried_ = false;
  // What was told last.
  TimePoint told_pause_{};
  TimePoint told_open_until_{};
  Circuit told_circuit_ = Circuit::closed;
  bool told_blame_ = false;
  bool draining_ = false;
  bool has_fallback_ = false;
  std::array<Duration, gate_count> waited_{};
  Admission waiting_for_{};
  TimePoint opens_ = never;  // the gate that the answer being made waits for
  TimePoint gate_since_{};
  TimePoint held_since_ = never;  // nothing could start since then; never: something did
};

}  // namespace gentlify
