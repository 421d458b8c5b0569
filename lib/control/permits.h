// What a fleet lets this host do: how many attempts may be in flight here, and, where the fleet has
// a rate or a budget, starts that were granted ahead, each with the time at which it may be made at
// the earliest and at the latest. Somebody else asks the fleet; here only answers are kept.
//
// All of it ends at the fence, the time at which the fleet may think us dead: nothing starts then.
// The times come from a clock that goes on while the run is stopped by SIGTSTP, as the fleet's own
// does; `set_stopped` says how far the run's clock is behind it.
#pragma once

#include <deque>
#include <optional>

#include "lib/control/pacer.h"
#include "lib/control/token_budget.h"
#include "lib/core/gate.h"

namespace gentlify {

class Permits {
 public:
  /// Why nothing starts, where the fleet is why.
  enum class Hold {
    none,     ///< nothing but the limits that are shared
    warm,     ///< it is new, or has lost its memory: all hosts have to be heard of first
    paused,   ///< somebody has paused it, or the service has asked for that
    circuit,  ///< the service is away
    away,     ///< it cannot be reached
  };

  /// The limits that are shared, of which permits are made.
  struct Limits {
    std::optional<Pacer::Settings> rate = {};
    std::optional<Rate> budget = {};
  };
  explicit Permits(const Limits& limits);

  /// Starts of jobs that cost at most `cost` each, `spacing` apart.
  struct Starts {
    int count = 0;
    TimePoint first{};
    Duration spacing{};
    TimePoint until{};  ///< none from then on
    Cost cost = 0;
  };

  /// Each start takes a permit of Starts.
  bool metered() const { return limits_.rate || limits_.budget; }
  const Pacer::Settings* rate() const { return limits_.rate ? &*limits_.rate : nullptr; }
  const TokenBudget* budget() const { return budget_ ? &*budget_ : nullptr; }
  /// What costs so much can ever start, by the rate.
  bool fits_rate(Cost cost) const { return !pacer_ || pacer_->fits(cost); }
  Cost most_by_rate() const { return pacer_ ? pacer_->most() : 0; }

  // For the gate.

  Admission next_start(TimePoint now, int in_flight, Cost cost);
  void on_start(TimePoint now, Cost cost);
  /// It did not start after all: its permit is spent, but not what it was to cost.
  void on_start_failed(Cost cost) { unused_ += cost; }

  // For who asks the fleet; times are of the clock that goes on.

  void set_stopped(Duration stopped) { stopped_ = stopped; }
  TimePoint real(TimePoint now) const { return later(now, stopped_); }

  void set_slots(int slots) { slots_ = slots; }
  int slots() const { return slots_; }
  void set_fence(TimePoint fence) { fence_ = fence; }
  TimePoint fence() const { return fence_; }
  void add(const Starts& starts);
  /// Permits that can still be used at `now` for what costs as much as the last job asked for.
  int usable(TimePoint now);
  /// What the last job that was asked for costs.
  Cost wanted_cost() const { return wanted_cost_; }
  /// Cost that was granted to starts and not used by them, since this was asked last.
  Cost take_unused();

  /// Nothing starts, until `until` as far as is known, and permits that were not used are void.
  void hold(Hold hold, TimePoint until);
  void release() { hold_ = Hold::none; }
  Hold held() const { return hold_; }

  /// Which jobs are ours must be heard first: nothing starts, whatever else allows it.
  void set_unsure(bool unsure) { unsure_ = unsure; }

  /// The fleet is away, and this host goes on by a share of its own: so many in flight, and a rate.
  void go_alone(int slots, const Pacer::Settings& rate);
  void end_alone() { alone_.reset(); }
  bool is_alone() const { return alone_.has_value(); }

 private:
  struct Alone {
    int slots;
    Pacer pacer;
  };

  void drop_void(TimePoint real);
  TimePoint engine(TimePoint real) const;

  Limits limits_;
  std::optional<Pacer> pacer_;         // tells what fits, and counts nothing
  std::optional<TokenBudget> budget_;  // the same
  std::optional<Alone> alone_;
  std::deque<Starts> starts_;
  int slots_ = 0;
  TimePoint fence_{};
  Hold hold_ = Hold::away;
  TimePoint held_until_ = never;
  bool unsure_ = false;
  Duration stopped_{};
  Cost wanted_cost_ = 0;
  Cost unused_ = 0;
};

}  // namespace gentlify
