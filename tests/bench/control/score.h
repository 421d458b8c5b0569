// What several runs of one contestant come to.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "lib/control/simulation/oracle.h"

namespace gentlify::bench {

inline double mean(const std::vector<double>& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return sum / static_cast<double>(std::max<std::size_t>(1, values.size()));
}

/// The value that `part` of them do not reach.
inline double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

/// A bug: it stalled, broke a limit, or does not add up.
inline bool unsound(const sim::Result& r, const sim::Plan& plan) {
  const auto ended = r.done + r.refused + r.outage_failures + r.timeouts + r.noise + r.broken;
  const bool adds_up =
      r.end == sim::Result::End::settled ? r.attempts == ended : r.attempts >= ended;
  return r.end == sim::Result::End::stalled || r.over_limit || r.peak > plan.most ||
         r.done > r.good || !adds_up;
}

/// One value for each run, or for each scenario.
struct Score {
  std::vector<double> efficiency, wasted, lost, recovery;
  int unsound = 0;

  void add(const sim::Result& result, const sim::Plan& plan, Duration oracle) {
    const auto good = static_cast<double>(std::max<std::uint64_t>(1, result.good));
    efficiency.push_back(sim::efficiency(result, oracle));
    wasted.push_back(result.wasted_per_job());
    lost.push_back(static_cast<double>(result.lost()) / good);
    if (result.recovery) recovery.push_back(seconds(*result.recovery));
    unsound += bench::unsound(result, plan);
  }

  /// The means of the runs of one scenario.
  void add(const Score& runs) {
    efficiency.push_back(mean(runs.efficiency));
    wasted.push_back(mean(runs.wasted));
    lost.push_back(mean(runs.lost));
    unsound += runs.unsound;
  }
};

}  // namespace gentlify::bench
