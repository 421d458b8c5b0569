// What a job reports of itself while it runs, a line each, to the descriptor $GENTLIFY_REPORT_FD:
//
//   cost 1234         it took so much of the token budget; several lines add up
//   retry-after 30    the service asked for no start within 30 s, or before an HTTP date;
//                     of several the latest holds
//   overload          the service said that it is too much
//   permanent         the job can never succeed
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

/// The time of day, which dates from outside are compared with.
using WallTime = std::chrono::system_clock::time_point;

/// "30", "1.5" or an HTTP date as the time from `now` on, at least 0 and at most a year. Nothing
/// where it is neither.
std::optional<Duration> parse_retry_after(std::string_view text, WallTime now);

/// Digits only.
std::optional<Cost> parse_cost(std::string_view text);

/// `a + b`, or the most there is.
Cost add_costs(Cost a, Cost b);

struct Report {
  std::optional<Cost> cost;
  /// The service asked for no start before this.
  std::optional<TimePoint> not_before;
  bool overload = false;
  bool permanent = false;
  /// The head of the first line that is none of the above.
  std::optional<std::string> unknown;
};

/// Takes a report as it comes, in constant memory whatever the job writes.
class ReportReader {
 public:
  /// `now` and `wall`: when the bytes were read, on both clocks.
  void read(std::string_view bytes, TimePoint now, WallTime wall);
  /// The job has ended: its last line counts, also without a newline.
  void end(TimePoint now, WallTime wall);

  const Report& report() const { return report_; }

 private:
  static constexpr std::size_t longest_line = 256;

  void take(std::string_view line, TimePoint now, WallTime wall);
  bool understand(std::string_view line, TimePoint now, WallTime wall);

  Report report_;
  std::string line_;  // that has no end yet, cut to one byte over longest_line
};

}  // namespace gentlify
