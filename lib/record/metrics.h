// How a run stands, for Prometheus: in its text format, version 0.0.4. As a file, which
// node_exporter's textfile collector reads, it is written anew every 5 s and at the end.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/control/halt.h"
#include "lib/control/progress.h"
#include "lib/control/scheduler.h"
#include "lib/core/event.h"
#include "lib/core/label.h"
#include "lib/record/histogram.h"
#include "lib/record/whole_file.h"

namespace gentlify {

class Metrics : public EventSink {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// Reads `progress` after it has heard each event; `clock` is the time of day.
  Metrics(std::vector<Label> labels, const Progress& progress, const Scheduler& scheduler,
          Clock clock);

  void on_event(const Event& event, TimePoint now) override;

  /// The run is over.
  void finish() { finished_ = true; }
  bool is_finished() const { return finished_; }

  /// How it stands now.
  std::string text() const;

 private:
  static constexpr std::size_t verdicts = static_cast<std::size_t>(Verdict::stopped) + 1;

  std::vector<Label> labels_;
  const Progress& progress_;
  const Scheduler& scheduler_;
  Clock clock_;
  std::chrono::system_clock::time_point started_;
  std::array<std::uint64_t, verdicts> attempts_{};
  Histogram durations_;
  bool circuit_open_ = false;
  bool paused_ = false;
  bool finished_ = false;
};

/// The metrics in a file.
class MetricsFile {
 public:
  /// `halt` is told where the file cannot be written any more. Throws as WholeFile does.
  MetricsFile(const std::string& path, const Metrics& metrics, Halt& halt)
      : file_("--metrics", path, WholeFile::How::replace, 0644), metrics_(metrics), halt_(halt) {}

  /// Writes the file where that is due; returns when it is due again.
  TimePoint refresh(TimePoint now);
  /// `refresh` would write it.
  bool is_due(TimePoint now) const { return now >= next_; }

  /// The run is over: writes the file for the last time.
  void finish();

 private:
  void write();

  WholeFile file_;
  const Metrics& metrics_;
  Halt& halt_;
  TimePoint next_{};  // never, once a write has failed
};

}  // namespace gentlify
