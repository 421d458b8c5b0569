// How long a run will take from now on.
//
//   S     seconds that an attempt takes: see survival.h, over the last 400 that have ended and
//         those that run
//   a     attempts that a job takes: 1 / (1 - p), where a share p of those 400 was followed by a
//         retry
//   work  = jobs that do not run * a * S + for each that runs: what is left to it + (a - 1) * S
//
// What binds the starts sets the pace; the slowest one of
//
//   slots      work / (limit * u), u being how far the limit was filled of late when it bound
//   interval   starts to come * the time that the law or the user's rate keeps between them
//   cost       starts to come * the time that the user's limits on cost give to one
//   measured   starts to come * the time between the last 256 (64 where a rate is kept), or those
//              since the last change, where the limit was not what held them back for longest, or
//              where the service has asked for two pauses or more in that time
//
// Before the first cut limit and rate grow on with each start as they did with the last 64, up to
// what the user allows. Of a limit and an interval that have moved down the mean of the last 64
// counts, since most cuts are made good soon.
//
// To that comes what the last ones take longer than the fluid, with m of them at once and the
// variation v of S: S ((1 - 1/m) / 2 + 0.7 v^2 ln m) beside what the slots say, S (1 + 0.7 v^2 ln
// m) after the last start beside the others; and a retry of one of the last, as likely as it is.
//
// What was before a change is forgotten: attempts are compared in the order of their starts, and
// where the earlier ones took longer or less than chance allows, only the later ones count.
//
// While the run is paused or the circuit is open no time passes for the rate of starts; the rest of
// that, where it is known, comes on top. Such pauses count as time.
//
// The spread: 2 (time left) sqrt(v^2 (1/n + 1/jobs) + p a / n + 0.05^2) + 3/4 S and half of that
// retry, n attempts having ended.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/control/survival.h"
#include "lib/core/event.h"

namespace gentlify {

/// Time left, and half the width of the interval that it probably lies in.
struct Eta {
  Duration left;
  Duration spread;
};

class Forecast {
 public:
  void started(const event::Started& e, TimePoint now);
  void ended(const event::Ended& e, TimePoint now);
  void dropped(const event::Dropped& e);
  void starved(const event::Starved& e);
  void paused(const event::Paused& e, TimePoint now);
  /// The knobs of the law go no further.
  void set_most(int limit, Duration interval) {
    most_ = limit;
    least_interval_ = interval;
  }
  void circuit(const event::CircuitMoved& e, TimePoint now);

  /// With `jobs` left that are not complete. Nothing before two attempts have ended.
  std::optional<Eta> eta(TimePoint now, std::uint64_t jobs) const;

 private:
  /// Jobs that wait for their retry, and since when.
  struct Retries {
    std::unordered_map<JobId, TimePoint> since;
    double seconds = 0;  // that the last ones waited, smoothed; 0: none has
  };
  struct Try {
    std::uint64_t number = 0;  // in the order of the starts
    TimePoint started;
    double seconds = 0;
    bool over = false;
    bool again = false;  // a retry follows
  };
  struct Begin {
    TimePoint at;
    Duration closed{};  // before it
    int pauses = 0;     // before it
    Gate gate = Gate::none;
    int in_flight = 0, limit = 1;
    Duration interval{};
    Duration share{};
  };
  /// What is known of attempts, and what is left to do by that.
  struct Work {
    Survival lives;
    double tries = 1;  // a
    double seconds = 0;
    std::size_t ended = 0;

    double again() const { return 1 - 1 / tries; }
  };

  /// What the last starts tell.
  struct Lately {
    bool by_slots = true;
    double level = 1;     // attempts in flight where slots bind
    double growth = 0;    // of that with each start
    double interval = 0;  // seconds between starts; 0: not known
    double spacing = 0;   // ... that the law and the user's rate keep
    double share = 0;     // ... that the user's limits on cost ask for
    double speeding = 0;  // by how much the starts a second grow with each start
  };

  std::optional<Work> work(TimePoint now, double waiting) const;
  void forget_before_change(std::vector<Try>& tries) const;
  std::vector<Try> recent(TimePoint now) const;
  std::size_t first_begin() const;
  std::size_t first_late_begin() const;
  bool by_slots() const;
  double interval_of_late(TimePoint now) const;
  Lately lately(TimePoint now) const;
  double pace(const Lately& lately, double starts) const;
  bool pauses_are_usual() const;
  Duration closed(TimePoint now) const;
  Duration wait(TimePoint now) const;
  void set_closed(TimePoint now);

  std::unordered_map<JobId, Try> running_;
  Retries retries_;
  std::deque<Try> ended_;
  std::deque<Begin> begins_;
  std::uint64_t starts_ = 0;
  mutable std::uint64_t first_ = 0;  // tries before this one are forgotten
  int limit_ = 0;
  Duration interval_{};
  int most_ = 0;  // 0: not known
  Duration least_interval_{};
  bool was_cut_ = false;

  TimePoint paused_until_{};  // never: by hand
  TimePoint open_until_{};
  bool paused_ = false, open_ = false;
  TimePoint closed_since_ = never;
  Duration closed_{};
  int pauses_ = 0;
};

}  // namespace gentlify
