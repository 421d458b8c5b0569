// One call of SYNC, the script that all hosts of a fleet share: what a host says, what it is told.
//
// Times of the fleet are durations on its logical clock, which all hosts see alike: as `now` of a
// reply. It has microseconds; shorter parts of what is said are rounded to the safe side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/rate.h"
#include "lib/fleet/address.h"
#include "lib/fleet/resp.h"

namespace gentlify::fleet {

/// The keys that the script wants, in its order.
std::vector<std::string> sync_keys(const Address& address);

struct SyncRequest {
  enum class Op {
    sync,
    leave,  ///< gives everything back; the fleet forgets the host
  };
  Op op = Op::sync;

  std::string host;       ///< 16 hex digits
  std::uint64_t seq = 0;  ///< rises with each call of this host, also over reconnects
  std::string run_id;     ///< of the server at the other end of this connection
  Duration ttl{};         ///< what the host has lives so long without a call, at least 1 ms
  /// `now` of the last reply; nothing: this host has had none yet. With the time since: a step of
  /// the server's clock makes no tokens, since this host knows better.
  std::optional<Duration> told;
  Duration since{};  ///< the call that `told` answered was sent so long before this one is

  std::string config;       ///< 16 hex digits, of the shared limits below
  bool reset = false;       ///< the state of other shared limits is thrown away
  std::uint64_t limit = 0;  ///< slots of the fleet; 0: no limit
  Rate rate;                ///< amount 0: no limit
  Cost burst = 1;           ///< of the rate
  Rate budget;              ///< amount 0: none. Its bucket holds one amount

  /// Slots of this host now: of attempts that run, and idle ones that it keeps. While the circuit
  /// is not closed it keeps none idle, so that what it is granted then is for a probe each.
  std::uint64_t held = 0;
  std::uint64_t want = 0;    ///< further slots that it could use at once
  std::uint64_t starts = 0;  ///< permits it could use at once; 0 where neither rate nor budget is
  Cost rate_cost = 1;        ///< of a start
  Cost budget_cost = 1;      ///< of a start, as estimated

  // What it has learnt. Totals since the host began: a lost or repeated call does no harm.
  /// Of the last reply. `ok`, `overload` and `failed` count attempts that started in it alone.
  std::uint64_t generation = 0;
  std::uint64_t ok = 0;  ///< total of successes
  /// Total of overloads that were said. What its own law makes of plain failures may be taken back.
  std::uint64_t overload = 0;
  double odds = 0;   ///< log-odds of overload now, as its own law sees it, at least 0
  Cost overrun = 0;  ///< total of what costs were above their estimates
  Cost surplus = 0;  ///< total of what costs were below their estimates
  /// `now` of the reply that let the oldest start among those that are new in `surplus`.
  Duration surplus_since{};
  std::uint64_t opened = 0;  ///< total of its circuit's openings
  Duration open{};           ///< its circuit stays open for so long from now; 0: not open
  int probes = 1;            ///< at once, while a circuit is half open
  std::uint64_t failed = 0;  ///< total of counted failures
  Duration pause{};          ///< what is left of a pause that the service asked for; 0: none
  bool adaptive = true;      ///< the fleet's limit and rate may move below those configured
};

/// As the script wants them.
std::vector<std::string> arguments(const SyncRequest& request);

/// Holds everyone back.
enum class FleetState { open, warm, paused, circuit_open, half_open };

struct SyncReply {
  enum class Status {
    ok,
    config,  ///< other shared limits are in force under this name: only `theirs` is set
    stale,   ///< the fleet knows a later call of this host: nothing else is set
  };
  Status status = Status::ok;
  std::string theirs;  ///< the digest of those in force

  Duration now{};             ///< of the fleet's clock
  std::uint64_t granted = 0;  ///< slots beyond `held`
  /// The most slots that this host should hold: as attempts end it gives back down to it, at most
  /// one slot a reply. Without a limit 1,000,000.
  std::uint64_t cap = 0;
  std::uint64_t starts = 0;  ///< permits
  Duration delay{};          ///< the first may be used so long after the reply
  Duration spacing{};        ///< and each further one so long after the one before
  Duration retry{};          ///< when to ask for what was not given; 0: nothing was refused
  std::uint64_t limit = 0;   ///< in force; 0: none
  Rate rate;                 ///< in force; amount 0: none
  FleetState state = FleetState::open;
  std::optional<Duration> state_left;  ///< until the state ends; nothing: not known
  std::uint64_t generation = 0;
  std::uint64_t hosts = 0;    ///< alive
  std::uint64_t sum = 0;      ///< slots that all hosts hold together
  std::uint64_t wanting = 0;  ///< hosts that were given less than they wanted
  /// While the circuit is half open: this host may start so many, each as a probe.
  std::uint64_t probes = 0;
};

/// Nothing: this is no reply of the script's, or an error.
std::optional<SyncReply> parse_sync_reply(const Reply& reply);

}  // namespace gentlify::fleet
