// What happens in a run, told to everyone who wants to know: status line, summary, records.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "lib/core/gate.h"
#include "lib/core/job.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

namespace event {

/// An attempt is about to start. `in_flight` counts it.
struct Started {
  const Job& job;
  int slot;
  int in_flight;
  int limit = 1;  ///< as many may be in flight now
  /// The least time between starts by the law or the user's rate now; 0: none.
  Duration interval{};
  /// The time that the user's limits on cost give to a job like this one; 0: there are none.
  Duration share{};
  /// What held it back last.
  Gate gate = Gate::none;
};

/// An attempt ended, or a job was settled without one (`attempted` is false): its item cannot be
/// run, or the circuit is open and jobs fail then (`ran` is 0), or its fallback has ended. With
/// Fate::fallback the job is good until that is told.
struct Ended {
  const Job& job;
  const Outcome& outcome;
  Duration ran;
  Fate fate;
  int in_flight;
  bool attempted = true;
  /// How long nothing could start before the attempt did, and what held it back last.
  Duration waited{};
  Gate gate = Gate::none;
  /// The fallback that an earlier one told of has ended, or will never be run.
  bool by_fallback = false;
};

/// A job that was waiting for its start or its retry was dropped by the drain, or, `elsewhere`, is
/// no job of this host any more: another one has it.
struct Dropped {
  const Job& job;
  bool elsewhere = false;
};

/// The adaptive law moved. Equal numbers on both sides: that knob did not move.
struct Adjusted {
  enum class Kind {
    ramp,  ///< feeling its way up, in moves that are too small to tell
    cut,   ///< backing off
    step,  ///< coming back
  };
  Kind kind;
  int limit_before, limit;
  Duration interval_before, interval;
  /// The job and outcome that brought it about.
  const Job& job;
  const Outcome& outcome;
};

/// The job that was about to start could not for want of local resources; its attempt is taken back
/// and no more than `cap` attempts run for now.
struct Starved {
  const Job& job;
  int error;  ///< errno; 0: its start could not be written down
  int cap;
};

/// Nothing starts before `until` (`never`: before the pause is ended from outside), or again where
/// `on` is false. May come again with another `until`.
struct Paused {
  bool on = false;
  TimePoint until = never;
  bool by_hand = false;  ///< by a person, not by the service
};

/// The circuit opened, until `until`, or closed again.
struct CircuitMoved {
  bool open = false;
  bool again = false;  ///< a probe failed
  TimePoint until;
  int failures = 0;  ///< first tries that failed in a row
};

/// Most jobs fail, and from now on that is taken as theirs, not as the service's; or no longer.
struct JobsBlamed {
  bool on;
};

/// A person gave a setting of the run another value.
struct Changed {
  std::string_view key;    ///< "max_concurrency"
  std::string_view value;  ///< as the setting is written
};

/// How we stand with the fleet has changed.
struct FleetMoved {
  enum class State {
    warm,    ///< we are in it, and for `wait` nothing starts: it is new, or has lost its memory
    joined,  ///< we are in it, one of `hosts`
    away,    ///< it cannot be reached, because of `why`
    alone,   ///< the same, and so we go on with a share of our own
    fenced,  ///< the same, and our places are given to others: `hosts` is 0
  };
  State state;
  std::string_view name;
  int hosts = 0;
  Duration wait{};
  std::string_view why = {};
};

struct Draining {
  int in_flight;
};

/// The jobs that run are being ended; those that still live after `grace` are killed, all where it
/// is 0.
struct Stopping {
  int in_flight;
  Duration grace;
  bool reader_gone;  ///< because nobody reads our output any more, not because we were told to
};

constexpr std::string_view name(FleetMoved::State state) {
  switch (state) {
    case FleetMoved::State::warm: return "warm";
    case FleetMoved::State::joined: return "joined";
    case FleetMoved::State::away: return "away";
    case FleetMoved::State::alone: return "alone";
    case FleetMoved::State::fenced: return "fenced";
  }
  return {};
}

}  // namespace event

using Event = std::variant<event::Started, event::Ended, event::Dropped, event::Adjusted,
                           event::Starved, event::Paused, event::CircuitMoved, event::JobsBlamed,
                           event::Changed, event::FleetMoved, event::Draining, event::Stopping>;

/// Who listens. References in an event are good only during the call.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event, TimePoint now) = 0;
};

}  // namespace gentlify
