// All gates in one question: when may the next attempt start, and which gate says so?
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>

#include "lib/control/blame.h"
#include "lib/control/circuit_breaker.h"
#include "lib/control/law.h"
#include "lib/control/local_cap.h"
#include "lib/control/pacer.h"
#include "lib/control/pause.h"
#include "lib/control/permits.h"
#include "lib/control/token_budget.h"

namespace gentlify {

class Controller {
 public:
  /// The gates that the user's settings make; the others are always there.
  struct Gates {
    std::unique_ptr<Law> law;
    CircuitBreaker::Settings circuit;
    std::optional<Pacer> pacer = {};
    std::optional<TokenBudget> budget = {};
    /// What the fleet allows; null: there is none. It must outlive the controller.
    Permits* permits = nullptr;
  };

  explicit Controller(Gates gates)
      : law_(std::move(gates.law)),
        circuit_(gates.circuit),
        pacer_(std::move(gates.pacer)),
        budget_(std::move(gates.budget)),
        permits_(gates.permits) {}

  /// The latest gate wins. `at <= now`: start one now. `never`: ask after an attempt has ended or a
  /// gate was opened. `cost`: of the job that would start; `past_output`: a closed output gate does
  /// not hold it; `stuck`: that many more are in flight, which the fleet counts and the limit does
  /// not.
  Admission next_start(TimePoint now, int in_flight, Cost cost, bool past_output = false,
                       int stuck = 0);
  /// Why a job of this cost could never start; empty where it can.
  std::string misfit(Cost cost) const;

  /// What next_start would have answered last, were it not for the fleet.
  Admission but_for_fleet() const { return but_for_fleet_; }
  /// Null: there is no fleet.
  const Permits* permits() const { return permits_; }

  /// What next_start let through is to fail without a start, since the circuit is open.
  bool refused() const { return refused_; }

  /// An attempt starts; fills in which gate it waited for.
  void on_start(Attempt& attempt);
  Ruling on_end(const Attempt& attempt, const Outcome& outcome, TimePoint now);
  /// The job whose attempt ended last will not run again.
  void on_settled(JobId id) { law_->on_settled(id); }
  void on_started() { local_.on_started(); }
  /// `attempt` could not start for want of local resources; `in_flight` others run.
  void on_start_failed(const Attempt& attempt, TimePoint now, int in_flight);

  /// Closes or opens a gate from outside. While `pause` or `output` is closed nothing starts; while
  /// `load` or `memory` is, nothing starts beside what is in flight.
  void set_closed(Gate gate, bool closed);
  bool is_closed(Gate gate) const;
  /// Closes `pause` until then; see Pause.
  void hold(TimePoint until) { pause_.hold(until); }

  /// What the user may change while the run goes: see Law and Pacer. Without a rate none is kept.
  void set_max_concurrency(int max) { law_->set_max_concurrency(max); }
  void set_rate(const std::optional<Pacer::Settings>& pacer, TimePoint now);
  /// Where there is a budget.
  void set_budget(Rate limit);

  /// Attempts that may be in flight now, at least 1.
  int limit() const { return std::min(law_->limit(), local_.cap()); }
  double log_odds() const { return law_->log_odds(); }
  /// Time that the law keeps between starts; 0: none.
  Duration interval() const { return law_->interval(); }
  /// The rate that the user set, for this host or for the fleet; null: none.
  const Pacer::Settings* rate() const;
  /// The least time between starts by the law or the user's rate; 0: none.
  Duration spacing() const;
  /// The time that the user's limits on cost give to a job that costs so much; 0: there are none.
  Duration share(Cost cost) const;
  int local_cap() const { return local_.cap(); }
  bool hopeless(TimePoint now) const { return local_.hopeless(now); }
  bool wants_untried() const {
    return circuit_.state() != Circuit::closed || law_->wants_untried();
  }
  const CircuitBreaker& circuit() const { return circuit_; }
  const Pause& pause() const { return pause_; }
  /// Plain failures are taken as the jobs' own.
  bool blames_jobs() const { return blame_.on_jobs(); }

 private:
  const TokenBudget* budget() const;
  /// What this machine says.
  Admission admit_here(TimePoint now, int in_flight);
  Ruling blame_job(const Attempt& attempt, TimePoint now);

  std::unique_ptr<Law> law_;
  CircuitBreaker circuit_;
  std::optional<Pacer> pacer_;
  std::optional<TokenBudget> budget_;
  Permits* permits_;
  Admission but_for_fleet_{};
  Blame blame_;
  Pause pause_;
  LocalCap local_;
  std::bitset<gate_count> closed_;  // from outside, `pause` apart
  Gate waited_for_ = Gate::none;    // since the last start
  bool refused_ = false;
};

}  // namespace gentlify
