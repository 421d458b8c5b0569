// How long attempts took: how many took at most so long, from 10 ms to an hour and a half.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/core/time.h"

namespace gentlify {

class Histogram {
 public:
  /// The upper ends of the buckets, in seconds; one more has none.
  static constexpr std::array<double, 12> bounds = {0.01, 0.03, 0.1, 0.3, 1,    3,
                                                    10,   30,   100, 300, 1000, 5000};

  void add(Duration d) {
    std::size_t i = 0;
    while (i < bounds.size() && seconds(d) > bounds[i]) ++i;
    ++counts_[i];
    sum_ += d;
  }

  /// How many were in bucket `i` or before it; `bounds.size()`: in all.
  std::uint64_t at_most(std::size_t i) const {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k <= i; ++k) n += counts_[k];
    return n;
  }
  Duration sum() const { return sum_; }

 private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  Duration sum_{};
};

}  // namespace gentlify
