// How the rivals try a job again: a policy each, counted here for each job. The i-th wait of a job
// (i from 0) is
//
//   immediate    0
//   full_jitter  uniform in [0, min(max, base * 2^i))
//   fibonacci    uniform in [0, min(max, base * F(i))), F = 1, 1, 2, 3, 5, ...
//
// It is told to the scheduler in the ruling, and all is charged to the job, so RetrySettings only
// say whether the wait keeps its slot.
#pragma once

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "lib/control/law.h"
#include "lib/control/random.h"

namespace gentlify::bench {

using namespace std::chrono_literals;

struct RetryPolicy {
  enum class Wait { immediate, full_jitter, fibonacci };
  Wait wait = Wait::full_jitter;
  int attempts = 3;  ///< in all, at least 1
  Duration base = 1s;
  Duration max = 60s;
};

class Retries {
 public:
  explicit Retries(std::uint64_t seed) : random_(seed) {}

  /// Rules on a job whose attempt failed.
  Ruling again(JobId job, const RetryPolicy& policy) {
    Ruling ruling;
    const int failures = ++failures_[job];
    ruling.account = Account::job;
    ruling.give_up = failures >= policy.attempts;
    ruling.delay = wait(policy, failures - 1);
    if (ruling.give_up) failures_.erase(job);
    return ruling;
  }

  /// The job has succeeded.
  void done(JobId job) { failures_.erase(job); }

 private:
  Duration wait(const RetryPolicy& policy, int index) {
    double steps = 0;
    switch (policy.wait) {
      case RetryPolicy::Wait::immediate: return {};
      case RetryPolicy::Wait::full_jitter: steps = std::ldexp(1, std::min(index, 40)); break;
      case RetryPolicy::Wait::fibonacci: steps = fibonacci(std::min(index, 40)); break;
    }
    const double longest = std::min(seconds(policy.max), steps * seconds(policy.base));
    return from_seconds(random_.uniform(0, longest));
  }

  static double fibonacci(int index) {
    double last = 0;
    double value = 1;
    for (; index > 0; --index) last = std::exchange(value, value + last);
    return value;
  }

  Random random_;
  std::unordered_map<JobId, int> failures_;  // of jobs that will run again
};

}  // namespace gentlify::bench
