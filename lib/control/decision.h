// What a limiter answers to "may this start?", in the fields that services publish as
// X-RateLimit-*.
#pragma once

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

struct Decision {
  bool allowed = false;
  Cost limit = 0;      ///< the most that it ever lets through at one instant
  Cost remaining = 0;  ///< what it would still let through now
  Duration reset{};    ///< until all of `limit` is there again
  Duration retry{};    ///< until the same would be allowed; Duration::max(): it never is
};

}  // namespace gentlify
