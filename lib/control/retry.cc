#include "lib/control/retry.h"

#include <algorithm>
#include <cmath>

namespace gentlify {

std::optional<Duration> Retry::delay(const Job& job, Account account) {
  const bool charged_to_job = account == Account::job;
  const int used = charged_to_job ? job.failures : job.overloads;
  const int allowed = charged_to_job ? max_attempts(job) - 1 : settings_.overload;
  if (used > allowed) return {};
  return backoff(used - 1);
}

Duration Retry::backoff(int index) {
  if (settings_.backoff == Backoff::fixed) return settings_.base_delay;
  const double grown = std::ldexp(seconds(settings_.base_delay), std::min(index, 40));
  const double d = std::min(seconds(settings_.max_delay), grown);
  if (settings_.backoff == Backoff::exponential) return from_seconds(d);
  return from_seconds(random_.uniform(d / 2, d));
}

}  // namespace gentlify
