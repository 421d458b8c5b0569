// When failures amount to overload: where it was said, or where `threshold` failures that count
// (see evidence.h) have come within `window`. One cut a generation: attempts that started before
// the last cut are stale and count for nothing.
#pragma once

#include <algorithm>
#include <deque>
#include <iterator>

#include "lib/control/attempt.h"
#include "lib/control/evidence.h"

namespace gentlify {

class FailureWindow {
 public:
  FailureWindow(int threshold, Duration window) : threshold_(threshold), window_(window) {}

  void on_start(const Attempt& attempt) { last_started_ = attempt.id; }

  /// Takes in how an attempt ended; true where that completes the evidence of an overload.
  bool overloaded(const Attempt& attempt, Verdict verdict, TimePoint now) {
    const Evidence::Weight weight = evidence_.weigh(verdict, attempt.repeat);
    if (is_stale(attempt)) return false;
    switch (weight) {
      case Evidence::Weight::none: return false;
      case Evidence::Weight::strikes:
        std::erase_if(failures_, [&](const Failure& f) { return f.job == attempt.job; });
        return false;
      case Evidence::Weight::counts: break;
      case Evidence::Weight::certain: last_counted_ = now; return true;
    }
    last_counted_ = now;
    failures_.push_back({now, attempt.job});
    std::erase_if(failures_, [&](const Failure& f) { return now - f.at > window_; });
    return std::ssize(failures_) >= threshold_;
  }

  /// The law has backed off.
  void cut() {
    last_before_cut_ = last_started_;
    failures_.clear();
  }

  bool is_stale(const Attempt& attempt) const { return attempt.id <= last_before_cut_; }

  /// When a failure counted last.
  TimePoint last_counted() const { return last_counted_; }

 private:
  struct Failure {
    TimePoint at;
    JobId job{};
  };

  int threshold_;
  Duration window_;
  Evidence evidence_;
  std::deque<Failure> failures_;  // within the window, at most `threshold`
  AttemptId last_started_{};
  AttemptId last_before_cut_{};
  TimePoint last_counted_{};
};

}  // namespace gentlify
