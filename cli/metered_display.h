// The status line, and beside it the metrics, which need a turn of the loop now and then.
#pragma once

#include <algorithm>
#include <string>

#include "cli/status_line.h"
#include "lib/record/metrics.h"

namespace gentlify {

class MeteredDisplay : public Display {
 public:
  /// The metrics hear events from elsewhere.
  MeteredDisplay(StatusLine& status, MetricsFile& metrics) : status_(status), metrics_(metrics) {}

  void on_event(const Event& event, TimePoint now) override { status_.on_event(event, now); }
  TimePoint refresh(TimePoint now) override {
    if (metrics_.is_due(now)) status_.learn_total();
    const TimePoint next_write = metrics_.refresh(now);
    return std::min(next_write, status_.refresh(now));
  }
  void show_state(TimePoint now) override { status_.show_state(now); }
  void note(const std::string& sentence) override { status_.note(sentence); }

 private:
  StatusLine& status_;
  MetricsFile& metrics_;
};

}  // namespace gentlify
