// What was added within the last T: an amount added at t counts before t + T and no longer.
//
// Memory: an entry for each amount in the window. With a `grain` amounts that come within so long
// share an entry and leave together, with the last of them: never too early, up to a grain too
// late, and no more than T / grain + 1 entries.
#pragma once

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

class RollingSum {
 public:
  explicit RollingSum(Duration window, Duration grain = {}) : window_(window), grain_(grain) {}

  /// `now` does not go back. A sum that would not fit in a Cost stays at the largest one.
  void add(TimePoint now, Cost amount) {
    forget(now);
    amount = std::min(amount, std::numeric_limits<Cost>::max() - total_);
    if (amount == 0) return;
    total_ += amount;
    asked_.reset();
    if (!entries_.empty() &&
        (now == entries_.back().last || now - entries_.back().first < grain_)) {
      entries_.back().last = now;
      entries_.back().amount += amount;
    } else {
      entries_.push_back({now, now, amount});
    }
  }

  /// Takes up to `amount` off what was added at `then`; nothing where that has left.
  void take_off(TimePoint then, Cost amount) {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), then,
                                        [](const Entry& e, TimePoint t) { return e.last < t; });
    if (entry == entries_.end() || entry->first > then) return;
    amount = std::min(amount, entry->amount);
    entry->amount -= amount;
    total_ -= amount;
    asked_.reset();
    while (!entries_.empty() && entries_.back().amount == 0) entries_.pop_back();
  }

  Cost total(TimePoint now) {
    forget(now);
    return total_;
  }

  /// Another window; what has left the old one does not come back.
  void set_window(Duration window, Duration grain = {}) {
    window_ = window;
    grain_ = grain;
    asked_.reset();
  }

  /// From when on the sum is `most` or less, if nothing is added. The answer is kept until the sum
  /// changes. What is looked at here has left when that time has come, so that each entry is looked
  /// at about once.
  TimePoint at_most(Cost most) {
    if (asked_ == most) return answer_;
    asked_ = most;
    answer_ = TimePoint{};
    Cost left = total_;
    for (auto entry = entries_.begin(); left > most; ++entry) {
      left -= entry->amount;
      answer_ = later(entry->last, window_);
    }
    return answer_;
  }

 private:
  struct Entry {
    TimePoint first, last;
    Cost amount;
  };

  void forget(TimePoint now) {
    while (!entries_.empty() && later(entries_.front().last, window_) <= now) {
      total_ -= entries_.front().amount;
      entries_.pop_front();
    }
  }

  Duration window_, grain_;
  std::deque<Entry> entries_;
  Cost total_ = 0;
  std::optional<Cost> asked_;  // what answer_ answers
  TimePoint answer_{};
};

}  // namespace gentlify
