// What a job has said besides its exit status: in its report, and on stderr where patterns find it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/engine/match.h"
#include "lib/engine/report.h"

namespace gentlify {

struct Said {
  std::optional<Duration> retry_after;
  std::optional<Cost> cost;
  bool permanent = false;
  /// How the job said that the service is overloaded, for people; empty: it did not.
  std::string_view overload;
  /// The first thing it said that nobody understands, in whole words for people; empty: none.
  std::string puzzle;
};

/// The patterns that the user gave for stderr; an empty one is none.
struct Patterns {
  std::string overload;
  std::string retry_after;  ///< its first group is what follows `retry-after` in a report
  std::string cost;         ///< its first group is what follows `cost`
};

class Listener {
 public:
  explicit Listener(const Patterns& patterns)
      : overload_(patterns.overload), retry_after_(patterns.retry_after), cost_(patterns.cost) {}

  /// `error_output`: what the job wrote to stderr, of which the last 64 KiB are looked at. The last
  /// Retry-After found there counts, and all costs together; costs that were reported go before
  /// them. `now` and `wall`: the job's end, on both clocks.
  Said listen(const Report& report, std::string_view error_output, TimePoint now,
              WallTime wall) const;

 private:
  Pattern overload_;
  Pattern retry_after_;
  Pattern cost_;
};

}  // namespace gentlify
