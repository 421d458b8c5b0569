// The status line, and beside it the metrics, which need a turn of the loop now and then.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "cli/status_line.h"
#include "lib/record/metrics.h"

namespace gentlify {

class MeteredDisplay : public Display {
 public:
  /// The metrics hear events from elsewhere; `path` is where they are written, empty: nowhere.
  /// Throws as MetricsFile does.
  MeteredDisplay(StatusLine& status, Metrics& metrics, const std::string& path, Halt& halt)
      : status_(status), metrics_(metrics) {
    if (!path.empty()) file_.emplace(path, metrics, halt);
  }

  void on_event(const Event& event, TimePoint now) override { status_.on_event(event, now); }
  TimePoint refresh(TimePoint now) override {
    if (!file_) return status_.refresh(now);
    if (file_->is_due(now)) status_.learn_total();
    const TimePoint next_write = file_->refresh(now);
    return std::min(next_write, status_.refresh(now));
  }
  void show_state(TimePoint now) override { status_.show_state(now); }
  void note(const std::string& sentence) override { status_.note(sentence); }

  /// The run is over.
  void close() {
    status_.close();
    status_.learn_total();
    metrics_.finish();
    if (file_) file_->finish();
  }

 private:
  StatusLine& status_;
  Metrics& metrics_;
  std::optional<MetricsFile> file_;
};

}  // namespace gentlify
