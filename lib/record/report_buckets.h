// How a run went over time, in equal stretches of it. There are never more than so many of them:
// when the run outgrows them, two become one, so that a run of any length takes the same memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

inline constexpr std::size_t verdict_count = static_cast<std::size_t>(Verdict::stopped) + 1;

/// What holds from one record to the next.
struct ReportLevel {
  int running = 0;
  std::optional<int> limit;          ///< none: not known
  std::optional<Duration> interval;  ///< between starts, as the law wants it; none: not known
  bool paused = false, open = false;
};

struct ReportBucket {
  std::uint64_t starts = 0;
  std::array<std::uint64_t, verdict_count> ends{};  ///< of attempts
  std::uint64_t cuts = 0;
  int most_running = 0;
  // Each multiplied with the nanoseconds for which it held.
  double running = 0, limit = 0, interval = 0;
  Duration limit_known{}, interval_known{};
  Duration paused{}, open{};

  void add(const ReportLevel& level, Duration time);
  void add(const ReportBucket& other);
};

class ReportBuckets {
 public:
  /// `most` is even.
  explicit ReportBuckets(std::size_t most = 4096, Duration width = std::chrono::milliseconds(1))
      : most_(most), width_(width) {}

  Duration width() const { return width_; }
  /// Up to the last that was touched.
  const std::vector<ReportBucket>& all() const { return all_; }

  /// The one that `at` is in.
  ReportBucket& at(Duration at);
  /// `level` held from `from` to `to`.
  void spread(Duration from, Duration to, const ReportLevel& level);

 private:
  void fold();

  std::size_t most_;
  Duration width_;
  std::vector<ReportBucket> all_;
};

}  // namespace gentlify
