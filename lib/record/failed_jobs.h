// The first jobs that failed for good, for all that is told of a run at its end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/core/event.h"

namespace gentlify {

class FailedJobs : public EventSink {
 public:
  struct Entry {
    std::uint64_t seq = 0;
    std::uint64_t line = 0;  ///< 0 where items are not lines
    bool unusable = false;   ///< its item could not be used, and is not shown
    std::string command;     ///< cut where it is long; empty where the item is unusable
    std::string reason;
    int attempts = 0;
    std::string last_line;  ///< of its stderr
  };

  /// `command_of` shows a job's command line.
  explicit FailedJobs(std::function<std::string(const Job&)> command_of)
      : command_of_(std::move(command_of)) {}

  void on_event(const Event& event, TimePoint now) override;

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  static constexpr std::size_t most = 100;

  std::function<std::string(const Job&)> command_of_;
  std::vector<Entry> entries_;
};

}  // namespace gentlify
