// Back-pressure from this machine. A start that failed for want of processes, descriptors or memory
// is nobody's failure: no more than (running - 1) attempts run from then on, and one more each
// 10 s. With nothing running a start is tried again every 100 ms, for 30 s; then it is hopeless.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>

#include "lib/core/gate.h"
#include "lib/core/time.h"

namespace gentlify {

class LocalCap {
 public:
  /// A start failed with `in_flight` attempts running beside it.
  void on_start_failed(TimePoint now, int in_flight) {
    cap_ = std::max(1, in_flight - 1);
    raised_ = now;
    retry_at_ = later(now, retry_each);
    if (in_flight > 0) {
      alone_since_.reset();
    } else if (!alone_since_) {
      alone_since_ = now;
    }
  }

  /// A start has worked: a child runs.
  void on_started() { alone_since_.reset(); }

  Admission next_start(TimePoint now, int in_flight) {
    if (cap_ == unlimited) return {now, Gate::none};
    const auto steps = static_cast<int>(std::min<std::int64_t>((now - raised_) / raise_each, 1000));
    cap_ += steps;
    raised_ += steps * raise_each;
    if (in_flight >= cap_) return {later(raised_, raise_each), Gate::local};
    return {retry_at_, Gate::local};
  }

  int cap() const { return cap_; }

  /// Nothing has run for 30 s because nothing could be started.
  bool hopeless(TimePoint now) const { return alone_since_ && now - *alone_since_ >= patience; }

 private:
  static constexpr int unlimited = std::numeric_limits<int>::max();
  static constexpr Duration raise_each = std::chrono::seconds(10);
  static constexpr Duration retry_each = std::chrono::milliseconds(100);
  static constexpr Duration patience = std::chrono::seconds(30);

  int cap_ = unlimited;
  TimePoint raised_{};
  TimePoint retry_at_{};
  std::optional<TimePoint> alone_since_;
};

}  // namespace gentlify
