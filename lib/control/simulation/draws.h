// Draws from the distributions that models are made of.
//
//   normal       sqrt(-2 ln u) * cos(2 pi v), u and v uniform in (0, 1] and [0, 1)   (Box, Muller)
//   exponential  -mean * ln u
//   lognormal    exp(mu + sigma * normal), sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2
#pragma once

#include <cmath>
#include <numbers>

#include "lib/control/random.h"

namespace gentlify::sim {

inline double normal(Random& random) {
  const double u = 1 - random.uniform(0, 1);
  const double angle = random.uniform(0, 2 * std::numbers::pi);
  return std::sqrt(-2 * std::log(u)) * std::cos(angle);
}

inline double exponential(Random& random, double mean) {
  return -mean * std::log(1 - random.uniform(0, 1));
}

class LogNormal {
 public:
  /// `mean` above 0; `cv`: standard deviation divided by the mean; 0 makes every draw the mean.
  LogNormal(double mean, double cv)
      : mean_(mean),
        sigma_(std::sqrt(std::log1p(cv * cv))),
        mu_(std::log(mean) - sigma_ * sigma_ / 2) {}

  double operator()(Random& random) const {
    return sigma_ == 0 ? mean_ : std::exp(mu_ + sigma_ * normal(random));
  }
  double mean() const { return mean_; }

 private:
  double mean_, sigma_, mu_;
};

/// A seed of its own for each pair, far from those of its neighbours.
inline std::uint64_t mix(std::uint64_t seed, std::uint64_t number) {
  return Random(seed ^ Random(number).next()).next();
}

}  // namespace gentlify::sim
