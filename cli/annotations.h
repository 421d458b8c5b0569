// Failed jobs as a workflow of GitHub Actions shows them, in a list of its own beside the log:
//
//   ::error title=gentlify%3A job 17 failed::curl -f a: exit 22: the last line of its stderr
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/core/event.h"

namespace gentlify {

class Annotations : public EventSink {
 public:
  /// Whether such a workflow runs us.
  static bool are_wanted();

  /// `command_of` shows a job's command line.
  explicit Annotations(std::function<std::string(const Job&)> command_of)
      : command_of_(std::move(command_of)) {}

  void on_event(const Event& event, TimePoint now) override;

  /// Lines of standard error, for the first failed jobs.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static constexpr std::size_t shown = 10;  // GitHub keeps no more of a step

  std::function<std::string(const Job&)> command_of_;
  std::vector<std::string> lines_;
};

}  // namespace gentlify
