// How a run stands, for Prometheus: a file in its text format, version 0.0.4, which node_exporter's
// textfile collector reads, written anew every 5 s and at the end.
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

  /// Reads `progress` after it has heard each event. `halt` is told where the file cannot be
  /// written any more; `clock` is the time of day. Throws as WholeFile does.
  Metrics(const std::string& path, std::vector<Label> labels, const Progress& progress,
          const Scheduler& scheduler, Halt& halt, Clock clock);

  void on_event(const Event& event, TimePoint now) override;

  /// Writes the file where that is due; returns when it is due again.
  TimePoint refresh(TimePoint now);
  /// `refresh` would write it.
  bool is_due(TimePoint now) const { return now >= next_; }

  /// The run is over: writes the file for the last time.
  void finish();

  /// The file as it is written now.
  std::string text() const;

 private:
  static constexpr std::size_t verdicts = static_cast<std::size_t>(Verdict::stopped) + 1;

  void write();

  WholeFile file_;
  std::vector<Label> labels_;
  const Progress& progress_;
  const Scheduler& scheduler_;
  Halt& halt_;
  Clock clock_;
  std::chrono::system_clock::time_point started_;
  std::array<std::uint64_t, verdicts> attempts_{};
  Histogram durations_;
  bool circuit_open_ = false;
  bool paused_ = false;
  bool finished_ = false;
  TimePoint next_{};  // never, once a write has failed
};

}  // namespace gentlify
