// The run as a report of tests in the format of JUnit, which CI services read: one suite with a
// test case for each job that is settled.
//
//   <testcase classname="gentlify" name="job 3: make c" time="0.512">
//   <failure message="exit 2" type="failure">exit 2 after 3 attempts
//   the last line of its stderr</failure></testcase>
//
// A job that ran and failed is a failure, one that could not be run at all an error, and one that
// the end of the run has stopped, or kept from its start or its retry, is skipped. The time is the
// last attempt's, 0 where the job was settled without one. Counts and the suite's time, the run's
// so far, come with each case, so that the file holds for what is in it at any time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/core/event.h"
#include "lib/record/framed_file.h"

namespace gentlify {

class Junit : public EventSink {
 public:
  struct Begin {
    TimePoint at;
    std::chrono::system_clock::time_point date;
  };

  /// `command_of` shows a job's command line. Throws as FramedFile does.
  Junit(const std::string& path, Halt& halt, std::function<std::string(const Job&)> command_of,
        const Begin& begin);

  void on_event(const Event& event, TimePoint now) override;

 private:
  struct Counts {
    std::uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;
  };

  void add(const event::Ended& ended, TimePoint now);
  /// `problem` is an element, or nothing where the job is done.
  void add_case(const Job& job, Duration ran, std::string_view problem, TimePoint now);
  std::string head(TimePoint now) const;

  std::function<std::string(const Job&)> command_of_;
  TimePoint begin_;
  std::string about_;  // the run: attributes of the suite that stay
  Counts counts_;
  FramedFile file_;
};

}  // namespace gentlify
