// Everything that can refuse an attempt at its start. Several limits hold at once: an attempt that
// one of them refuses takes nothing from the others.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "lib/control/simulation/cap.h"
#include "lib/control/simulation/fixed_window.h"
#include "lib/control/simulation/penalty_box.h"
#include "lib/control/simulation/sliding_window.h"
#include "lib/control/simulation/token_bucket.h"

namespace gentlify::sim {

using Limit = std::variant<TokenBucket, FixedWindow, SlidingWindow, Cap>;

class Limits {
 public:
  Limits(std::vector<Limit> limits, std::optional<PenaltyBox> box)
      : limits_(std::move(limits)), box_(std::move(box)) {}

  /// Whether an attempt that starts now, beside `active` admitted ones, is admitted.
  bool admit(TimePoint now, int active);

  /// When one would be admitted; `never`: not before an attempt has ended.
  TimePoint opens(TimePoint now, int active);

  /// What an attempt that was refused just now may be told to wait; a cap cannot tell.
  std::optional<Duration> retry_after(TimePoint now, int active);

  /// The lowest rate in starts per second, and the lowest cap; nothing where there is none.
  std::optional<double> rate(TimePoint t) const;
  std::optional<int> cap(TimePoint t) const;

 private:
  std::vector<Limit> limits_;
  std::optional<PenaltyBox> box_;
};

}  // namespace gentlify::sim
