// A rate as people write it: so much in so long a time.
#pragma once

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

struct Rate {
  Cost amount = 0;                            ///< 0: no limit; at most 10^12
  Duration period = std::chrono::seconds(1);  ///< more than 0, at most 365 days

  bool operator==(const Rate&) const = default;
};

}  // namespace gentlify
