// The rate that the user set: N starts, or N of cost, in a time T.
//
//   drip    one start, then nothing until it is paid off: c * T/N for a cost of c. In any time t no
//           more than the largest cost + (t + 20 ms) * N/T.
//   burst   a bucket of B: in any time t no more than B + t * N/T.
//   exact   a log: never more than N within any T.
//
// A start that comes up to 20 ms late, as machines make it, does not put those after it off: drip
// keeps to its schedule, and so to its rate, where one that is later begins a new one. In burst
// what is late is made up for as far as the bucket goes.
#pragma once

#include "lib/control/gcra.h"
#include "lib/control/sliding_log.h"
#include "lib/core/gate.h"

namespace gentlify {

class Pacer {
 public:
  enum class Mode { drip, burst, exact };
  enum class Unit { starts, cost };
  struct Settings {
    Rate rate;  ///< not 0
    Mode mode = Mode::drip;
    Cost burst = 1;  ///< of Mode::burst, at least 1
    Unit unit = Unit::starts;
  };

  explicit Pacer(const Settings& settings);

  /// What costs so much can ever start: no more than N, or B in burst. Any start can where starts
  /// are counted.
  bool fits(Cost cost) const;
  /// The most that fits.
  Cost most() const;

  /// `at <= now`: one that costs so much may start now.
  Admission next_start(Cost cost);
  void on_start(TimePoint now, Cost cost);
  /// What started at `then` did not after all.
  void give_back(TimePoint then, Cost cost);

  /// Another rate from `now` on. What has started already counts against it, as far as it does
  /// against the old one.
  void set_rate(Rate rate, TimePoint now);

  const Settings& settings() const { return settings_; }

 private:
  Cost counted(Cost cost) const { return settings_.unit == Unit::starts ? 1 : cost; }

  Cost bucket_size() const { return settings_.mode == Mode::burst ? settings_.burst : 1; }
  bool exact() const { return settings_.mode == Mode::exact; }

  Settings settings_;
  Gcra bucket_;     // of drip and burst
  SlidingLog log_;  // of exact
};

}  // namespace gentlify
