// One host of a fleet: when it calls the others' script, what it says, and what it makes of the
// answer. No I/O: who drives it has a connection and a clock.
//
// It calls when it wants something, at least 5 ms after the last answer; when it holds what it does
// not need, or has given back what it was asked for; each 250 ms while it runs jobs, to hear of
// cuts and pauses; and each third of the time to live. Places that jobs leave are used again
// without a call, so that short jobs cost none; where starts are metered, permits are asked for
// ahead.
//
// An answer is good for 0.9 of the time to live from the moment of asking: nothing starts after
// that fence, since the fleet then gives our places to others. Permits are good for 500 ms.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "lib/control/permits.h"
#include "lib/control/scheduler.h"
#include "lib/core/event.h"
#include "lib/fleet/sync_call.h"

namespace gentlify::fleet {

class Member : public EventSink {
 public:
  /// To go on with while the fleet is away.
  struct Alone {
    int slots = 1;
    Pacer::Settings rate;
  };
  struct Settings {
    std::string name;    ///< of the fleet
    std::string host;    ///< 16 hex digits, of this run of this host
    std::string config;  ///< 16 hex digits, of all that is shared
    bool reset = false;  ///< the fleet gets our configuration
    Duration ttl{};
    int limit = 0;  ///< slots of the fleet; 0: none
    int probes = 1;
    bool adaptive = true;
    bool strict = false;  ///< what runs is stopped at the fence
    std::optional<Alone> alone = {};
  };

  /// All must outlive this; `sink` hears how we stand with the fleet.
  Member(Settings settings, const Scheduler& scheduler, Permits& permits, EventSink& sink);

  void on_event(const Event& event, TimePoint now) override;

  // Times are of the run's clock, as everywhere; see Permits.

  void on_opened(const std::string& run_id, TimePoint now);
  /// The connection is lost, or could not be made.
  void on_closed(const std::string& problem, TimePoint now);
  /// The call that is due by now, which is taken to be made.
  std::optional<SyncRequest> call(TimePoint now);
  /// Nothing: it was lost.
  void on_reply(const std::optional<SyncReply>& reply, TimePoint now);
  /// The engine has answered, and not what it should have.
  void on_failed(const std::string& answer, TimePoint now);
  /// The last call of all.
  SyncRequest farewell(TimePoint now);

  /// The fence has passed, and nothing was heard since. Told once.
  bool is_fenced_now(TimePoint now);
  /// Since this was asked last so much time went by without an answer that the others may have been
  /// given what was ours.
  bool take_lapse() { return std::exchange(lapsed_, false); }
  /// The same, and there is no answer since.
  bool is_fenced() const { return fenced_; }
  /// By when all that runs must have ended, by the clock that goes on; `never`: nothing may run.
  TimePoint deadline(TimePoint now) const;
  TimePoint next(TimePoint now) const;

  /// The server that we are connected to has answered.
  bool is_known() const { return knows_ && !run_id_.empty(); }
  /// The fleet has answered, ever.
  bool has_joined() const { return joined_; }
  /// Another configuration has the name: its digest; empty: none.
  const std::string& other_config() const { return other_config_; }
  /// For so long the fleet has been away.
  Duration outage(TimePoint now) const;
  const std::string& problem() const { return problem_; }

 private:
  /// What it could use, and what it has.
  struct Needs {
    int held = 0;    // slots in use, and idle ones that will be
    int want = 0;    // more slots
    int starts = 0;  // more permits
    bool spare = false;
  };

  Needs needs(TimePoint now) const;
  TimePoint due(const Needs& needs) const;
  SyncRequest make(const Needs& needs, TimePoint t);
  void learn(const SyncReply& reply, TimePoint now);
  void take(const SyncReply& reply, TimePoint t);
  void count_end(const event::Ended& ended, TimePoint t);
  void settle_cost(const event::Ended& ended);
  void tell(event::FleetMoved::State state, Duration wait, TimePoint now);
  int recent_starts(TimePoint t) const;

  Settings settings_;
  const Scheduler& scheduler_;
  Permits& permits_;
  EventSink& sink_;

  std::string run_id_;  // empty: no connection
  bool calling_ = false;
  SyncRequest request_;     // the last call
  TimePoint sent_{};        // when
  TimePoint answered_{};    // the last one that was answered was sent then
  TimePoint replied_{};     // and answered then
  TimePoint not_before_{};  // since it has failed
  TimePoint retry_{};       // not before: what was refused is to be asked for again
  TimePoint spare_since_ = never;
  int told_held_ = 0;   // slots that the fleet counts as ours
  bool knows_ = false;  // the answer is of this connection
  bool joined_ = false;
  bool fenced_ = false;
  bool lapsed_ = false;
  TimePoint away_since_ = never;
  std::string problem_;
  std::string other_config_;
  std::optional<event::FleetMoved::State> told_;

  // Totals, as SyncRequest has them.
  std::uint64_t seq_ = 0;
  std::uint64_t ok_ = 0, overload_ = 0, failed_ = 0, opened_ = 0;
  Cost overrun_ = 0, surplus_ = 0;
  Duration surplus_since_ = Duration::max();
  TimePoint open_until_{}, pause_until_{};
  bool news_ = false;  // since the last call

  Duration fleet_now_{};
  std::uint64_t generation_ = 0;
  TimePoint generation_since_{};
  double earlier_odds_ = 0;  // what its law had against the load before
  std::uint64_t hosts_ = 0;
  std::unordered_map<JobId, Duration> granted_;  // attempts that run, and the fleet's time then
  // Starts of this and the last 50 ms.
  mutable TimePoint window_{};
  mutable int starts_now_ = 0, starts_before_ = 0;
};

}  // namespace gentlify::fleet
