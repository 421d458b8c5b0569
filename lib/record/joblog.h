// The log of jobs in GNU parallel's nine columns, tabs in between, a line for each job that is
// settled, as its last attempt was:
//
//   Seq Host Starttime JobRuntime Send Receive Exitval Signal Command
//
// Host is ":". Times are in seconds, the start since 1970. Send and Receive are not counted: 0. A
// job that could not be run at all has the Exitval 126, or 127 where its program was not found; one
// that exited 0 and failed all the same, by a timeout, has 1.
// Newline, carriage return and tab in a command are \n, \r and \t, so that a line is a job. Jobs
// that were stopped, or never came to run, have no line: `parallel --resume` runs them.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "lib/core/event.h"
#include "lib/record/record_file.h"

namespace gentlify {

class Joblog : public EventSink {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// `goes_on`: it is the log of earlier runs, too. `command_of` shows a job's command line;
  /// `clock` is the time of day. Throws as RecordFile
  /// does.
  Joblog(const std::string& path, bool goes_on, Halt& halt,
         std::function<std::string(const Job&)> command_of, Clock clock);

  void on_event(const Event& event, TimePoint now) override;

 private:
  RecordFile file_;
  std::function<std::string(const Job&)> command_of_;
  Clock clock_;
};

}  // namespace gentlify
