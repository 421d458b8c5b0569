// How long attempts take, from those that have ended and those that still run: who runs for 3 s
// has not ended within 3 s, and says no more. With n(t) attempts that ran for t or longer, d(t) of
// which ended then, the share that runs for longer than t is (Kaplan and Meier, 1958)
//
//   S(t) = product over t' <= t of 1 - d(t') / n(t')       and the mean is the area below it.
//
// Without those that run, recent attempts would seem short: of them only the short ones have ended.
#pragma once

#include <cstddef>
#include <vector>

namespace gentlify {

/// One attempt: how many seconds it has run.
struct Lifetime {
  double seconds = 0;
  bool ended = false;
};

class Survival {
 public:
  /// At least one must have ended.
  explicit Survival(std::vector<Lifetime> lives);

  double mean() const { return mean_; }
  /// Standard deviation / mean.
  double variation() const;
  /// The mean time left to one that has run for so many seconds. Where none has run for so long,
  /// half the mean.
  double left(double seconds) const;

 private:
  /// From `at` on the share `alive` is left, and `beyond` is the area below the curve from there.
  struct Step {
    double at, alive, beyond;
  };
  std::vector<Step> steps_;
  double mean_ = 0, squares_ = 0;
};

/// Of `lives`, in the order of their starts, so many at the head differ from the rest; 0: none. It
/// is the split for which the log-rank statistic, the difference between the ends seen and those
/// expected if all were alike, in standard deviations, is largest, if that is more than chance.
std::size_t change_point(const std::vector<Lifetime>& lives);

}  // namespace gentlify
