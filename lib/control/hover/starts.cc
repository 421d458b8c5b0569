#include "lib/control/hover/starts.h"

#include <algorithm>

namespace gentlify::hover {

void Starts::refused(AttemptId id) {
  const auto at = std::lower_bound(starts_.begin(), starts_.end(), id,
                                   [](const Seen& s, AttemptId other) { return s.id < other; });
  if (at != starts_.end() && at->id == id) at->refused = true;
}

double Starts::accepted(TimePoint now, TimePoint trouble, double broken_share) const {
  using std::chrono::milliseconds;
  const bool since_trouble = trouble != never && now - trouble > milliseconds(500);
  const std::ptrdiff_t least = since_trouble ? 10 : 20;
  const TimePoint from = since_trouble ? trouble : now - milliseconds(1000);
  std::ptrdiff_t n = 0;
  double good = 0;
  TimePoint first = now;
  for (auto it = starts_.rbegin(); it != starts_.rend() && (n < least || it->at >= from); ++it) {
    ++n;
    if (!it->refused) ++good;
    first = it->at;
  }
  return std::max(good, 1.0) / std::max(0.05, seconds(now - first)) / (1 - broken_share);
}

}  // namespace gentlify::hover
