// When a job runs again, and whether. Failures charged to the job and refusals charged to the
// service have an allowance each. The i-th wait of a kind (i from 0) is
//
//   fixed               base
//   exponential         min(max, base * 2^i)
//   exponential_jitter  uniform in [d/2, d], d = min(max, base * 2^i)
#pragma once

#include <optional>

#include "lib/control/law.h"
#include "lib/control/random.h"
#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

enum class Backoff { fixed, exponential, exponential_jitter };

struct RetrySettings {
  int max_attempts = 3;  ///< attempts that may fail on the job's account, at least 1
  int overload = 20;     ///< retries on the service's account, at least 0
  Backoff backoff = Backoff::exponential_jitter;
  Duration base_delay = std::chrono::seconds(1);
  Duration max_delay = std::chrono::seconds(60);
  bool hold_slot = false;  ///< wait inside the slot
};

class Retry {
 public:
  Retry(const RetrySettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

  /// How long to wait before the next attempt of a job whose last one failed and was charged to
  /// `account`, already counted in `job`. Nothing: it is given up.
  std::optional<Duration> delay(const Job& job, Account account);

  /// A plain failure ends the job.
  bool once(const Job& job) const { return max_attempts(job) == 1; }

  bool holds_slot() const { return settings_.hold_slot; }

 private:
  Duration backoff(int index);
  int max_attempts(const Job& job) const {
    return job.own && job.own->max_attempts > 0 ? job.own->max_attempts : settings_.max_attempts;
  }

  RetrySettings settings_;
  Random random_;
};

}  // namespace gentlify
