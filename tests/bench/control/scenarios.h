// The scoreboard's scenarios: what services do, one thing at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/control/simulation/model.h"

namespace gentlify::bench {

struct Scenario {
  std::string name;
  std::string what;
  std::uint64_t jobs;
  sim::Model model;
};

std::vector<Scenario> scenarios();

}  // namespace gentlify::bench
