// Words that describe a service, made into a model of the simulator.
#pragma once

#include <string_view>
#include <vector>

#include "lib/control/simulation/model.h"

namespace gentlify::service {

struct Description {
  sim::Model model;
  std::uint64_t seed = 1;
};

/// Each word is one of
///
///   rate=20  burst=20       a token bucket: so many a second, so many at once (1)
///   cap=8                   admitted requests at once
///   outage=10-20  hang      seconds; refusing, or hanging: nobody is answered
///   takes=0.5  cv=0.3       seconds a job: mean, and standard deviation / mean (0)
///   refuses-in=0.1          seconds until a refusal is answered
///   broken=0.05             share of the jobs
///   retry-after             is told with refusals
///   seed=1                  of all chance
///
/// `rate` and `cap` may change: `rate=5,40@30` is 40 from second 30 on. What is not said is as the
/// simulator has it. Throws std::invalid_argument where a word is none of these.
Description describe(const std::vector<std::string_view>& words);

}  // namespace gentlify::service
