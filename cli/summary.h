// The last words of a run: what became of the jobs, what they waited for, which of them failed.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "lib/control/progress.h"
#include "lib/core/event.h"

namespace gentlify {

class Summary : public EventSink {
 public:
  /// `command_of` shows a job's command line.
  explicit Summary(std::function<std::string(const Job&)> command_of)
      : command_of_(std::move(command_of)) {}

  void on_event(const Event& event, TimePoint now) override;

  struct Facts {
    TimePoint end;
    std::uint64_t not_started = 0;
    bool more_may_follow = false;  ///< the input was not read to its end
    std::array<Duration, gate_count> waited{};
    std::string halted;  ///< why the run ended with jobs left; empty where nothing halted it
  };
  /// The summary's lines, without "gentlify: ".
  std::vector<std::string> lines(const Progress& progress, const Facts& facts) const;

 private:
  static constexpr std::size_t shown = 5;

  std::function<std::string(const Job&)> command_of_;
  std::vector<std::string> failed_;  // the first few
};

/// "curl -f a: exit 22 after 3 attempts: the last line of its stderr", on one line.
std::string describe_failure(const event::Ended& ended,
                             const std::function<std::string(const Job&)>& command_of);

}  // namespace gentlify
