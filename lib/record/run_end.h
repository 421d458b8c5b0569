// What is to be said of a run once it is over, for programs and for people.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/core/gate.h"
#include "lib/core/label.h"
#include "lib/core/time.h"
#include "lib/record/failed_jobs.h"

namespace gentlify {

struct RunEnd {
  std::string version;
  std::vector<Label> labels;
  std::chrono::system_clock::time_point started, ended;
  Duration ran{};  ///< time that we were stopped left out
  std::uint64_t succeeded = 0, failed = 0;
  std::uint64_t saved = 0;       ///< of those that succeeded, by their fallback
  std::uint64_t unfinished = 0;  ///< started or waiting for a retry when the run ended
  std::uint64_t not_started = 0;
  bool more_may_follow = false;  ///< the input was not read to its end
  std::uint64_t attempts = 0;
  std::uint64_t repeated = 0;  ///< completed jobs that took more than one attempt
  std::uint64_t cuts = 0;
  std::array<Duration, gate_count> waited{};
  std::string halted;  ///< why the run ended with jobs left; empty where nothing halted it
  int exit = 0;        ///< 128 + n where it ends by signal n
  int signal = 0;      ///< 0: none
  std::string error;   ///< what it ends with, as a sentence; may be empty
  std::vector<FailedJobs::Entry> failures;  ///< the first of them

  std::uint64_t jobs() const { return succeeded + failed + unfinished + not_started; }
  /// Completed jobs per second; 0 where that says nothing.
  double rate() const;
};

/// One JSON object on a line.
std::string json_of(const RunEnd& end);

/// A section of Markdown as GitHub reads it, for a page of several. What comes from jobs can
/// neither leave its cell nor be anything but text.
std::string markdown_of(const RunEnd& end);

}  // namespace gentlify
