// Services that nobody would think of: limits, changes, outages and faults put together by chance,
// within what is seen in practice.
#pragma once

#include <cstdint>
#include <string>

#include "lib/control/simulation/model.h"

namespace gentlify::sim {

struct RandomModel {
  Model model;
  std::uint64_t jobs;
  std::string what;  ///< for people
};

/// The same seed makes the same model.
RandomModel random_model(std::uint64_t seed);

}  // namespace gentlify::sim
