// What a failure says about the service. Overload that was said is certain. A plain failure is only
// evidence, for the job may be broken and the service fine:
//
// - only a job's first failure counts; a second one of the same job strikes the first,
//   unless retries have been seen to work (3 of the last 12 went through);
// - once a run has heard overload said, its jobs can say it, and a plain failure is just a failure.
#pragma once

#include <bit>
#include <cstdint>

#include "lib/core/outcome.h"

namespace gentlify {

class Evidence {
 public:
  enum class Weight {
    none,     ///< says nothing of the service
    counts,   ///< a sign of overload
    strikes,  ///< says nothing, and takes back what the job's earlier failure said
    certain,  ///< overload
  };

  /// Weighs an attempt that ended; `repeat`: its job had failed or been refused before.
  Weight weigh(Verdict verdict, bool repeat) {
    switch (verdict) {
      case Verdict::success:
        if (repeat) retries_ = retries_ << 1 | 1;
        return Weight::none;
      case Verdict::overload: overload_said_ = true; return Weight::certain;
      case Verdict::failure:
        if (repeat) retries_ <<= 1;
        if (overload_said_) return Weight::none;
        return !repeat || retries_work() ? Weight::counts : Weight::strikes;
      case Verdict::permanent:
      case Verdict::stopped: return Weight::none;
    }
    return Weight::none;
  }

 private:
  bool retries_work() const { return std::popcount(retries_ & 0xFFFU) >= 3; }

  std::uint32_t retries_ = 0;  // one bit a retry, the last one lowest, set where it went through
  bool overload_said_ = false;
};

}  // namespace gentlify
