// How a job ended, for DIR/SEQ/meta.json: an object of JSON on one line.
//
//   seq, line        its number, and the line that its item stands on, where items are lines
//   command          as a person would type it
//   outcome          success, failure, overload or permanent, for good; or, since the run ended,
//                    stopped, or dropped: it was to run again
//   exit or signal   its status, or the number of the signal that ended it; neither where its
//                    program could not be started
//   reason           of the outcome, for people
//   attempts         how many were started
//   start, duration  in seconds, since 1970; they and the status are the last attempt's
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "lib/core/event.h"
#include "lib/engine/template.h"

namespace gentlify {

class Meta {
 public:
  using Date = std::chrono::system_clock::time_point;

  /// `command` must outlive us.
  explicit Meta(const Template& command) : command_(command) {}

  void on_event(const Event& event, Date now);

  /// The line of a job that is settled and had an attempt, with its newline; null: it is not.
  const std::string* find(JobId job) const;
  void forget(JobId job) { lines_.erase(job); }

 private:
  struct Attempt {
    Date start{};
    Duration ran{};
    Exit exit;
    std::string reason;
  };

  void settle(const Job& job, std::string_view outcome, const Attempt& last, int attempts);
  Attempt take_last(JobId job);

  const Template& command_;
  std::unordered_map<JobId, Attempt> last_;  // of jobs that wait for their retry
  std::unordered_map<JobId, std::string> lines_;
};

}  // namespace gentlify
