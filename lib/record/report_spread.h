// How a kind of times is spread: exact while they are few, and to better than a hundredth however
// many they are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/core/time.h"

namespace gentlify {

class ReportSpread {
 public:
  void add(Duration d);

  std::uint64_t count() const { return count_; }
  double seconds() const { return seconds_; }  ///< in all, which may be more than a Duration holds
  Duration least() const { return least_; }
  Duration most() const { return most_; }
  Duration mean() const;
  /// The smallest of which a share `q`, from 0 to 1, of all is not above it (nearest rank).
  Duration quantile(double q) const;

  /// Stretches of time that hold all of them; each but the first is larger than the one before by
  /// the same share, and they are at most `most`.
  struct Bar {
    Duration to;  ///< above the end of the one before
    std::uint64_t count;
  };
  std::vector<Bar> bars(std::size_t most) const;
  /// Of these, those that lie in the bars of `other`.
  std::vector<std::uint64_t> counts_in(const ReportSpread& other, std::size_t most) const;

 private:
  // A time in microseconds falls into the octave of its highest bit, and there by the next six.
  static constexpr int parts_bits = 6;
  static constexpr std::size_t parts = std::size_t{1} << parts_bits;
  static constexpr std::size_t bucket_count = parts * 48;
  static constexpr std::size_t few = 4096;

  static std::size_t bucket_of(Duration d);
  static Duration begin_of(std::size_t bucket);
  /// Buckets that a bar takes, and the first of the first bar.
  struct Grid {
    std::size_t step, first, last;
  };
  Grid grid(std::size_t most) const;

  std::array<std::uint64_t, bucket_count> counts_{};
  std::vector<Duration> first_;  // empty where there are more than few
  std::uint64_t count_ = 0;
  double seconds_ = 0;
  Duration least_{}, most_{};
};

}  // namespace gentlify
