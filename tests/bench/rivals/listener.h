// What a rival takes for the service's word. As published most of them hear a status code; here a
// plain failure must do, until a job has said overload: from then on a plain failure is only that.
#pragma once

#include "lib/core/outcome.h"
#include "tests/bench/rivals/retries.h"

namespace gentlify::bench {

/// For a plain failure where overload is said.
inline constexpr RetryPolicy plain_failure{.attempts = 3};

class Listener {
 public:
  /// The attempt that ended so was refused.
  bool refused(Verdict verdict) {
    if (verdict == Verdict::overload) said_ = true;
    return said_ ? verdict == Verdict::overload : verdict == Verdict::failure;
  }

 private:
  bool said_ = false;
};

}  // namespace gentlify::bench
