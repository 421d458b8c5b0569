#include "lib/record/report.h"

#include <numeric>

namespace gentlify {

std::uint64_t RunReport::ended_attempts() const {
  return std::accumulate(attempts.begin(), attempts.end(), std::uint64_t{0});
}

double RunReport::rate() const {
  const double s = seconds(length());
  return s > 0 ? static_cast<double>(done + failed) / s : 0;
}

}  // namespace gentlify
