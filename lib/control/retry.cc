#include "lib/control/retry.h"

#include <algorithm>
#include <cmath>

namespace gentlify {

std::optional<Duration> Retry::delay(const Job& job, Verdict verdict) {
  switch (verdict) {
    case Verdict::failure:
      if (job.failures >= settings_.max_attempts) return {};
      return backoff(job.failures - 1);
    case Verdict::overload:
      if (job.overloads > settings_.overload) return {};
      return backoff(job.overloads - 1);
    case Verdict::success:
    case Verdict::permanent:
    case Verdict::stopped: break;
  }
  return {};
}

Duration Retry::backoff(int index) {
  if (settings_.backoff == Backoff::fixed) return settings_.base_delay;
  const double grown = std::ldexp(seconds(settings_.base_delay), std::min(index, 40));
  const double d = std::min(seconds(settings_.max_delay), grown);
  if (settings_.backoff == Backoff::exponential) return from_seconds(d);
  return from_seconds(random_.uniform(d / 2, d));
}

}  // namespace gentlify
