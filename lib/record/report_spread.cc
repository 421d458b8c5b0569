#include "lib/record/report_spread.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gentlify {

std::size_t ReportSpread::bucket_of(Duration d) {
  const auto us = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(d).count()));
  if (us < parts) return static_cast<std::size_t>(us);
  const int shift = static_cast<int>(std::bit_width(us)) - 1 - parts_bits;
  const std::size_t octave = static_cast<std::size_t>(shift) + 1;
  return std::min(bucket_count - 1, octave * parts + ((us >> shift) & (parts - 1)));
}

Duration ReportSpread::begin_of(std::size_t bucket) {
  if (bucket < parts) return std::chrono::microseconds(bucket);
  const std::size_t octave = bucket / parts;
  return std::chrono::microseconds((parts + bucket % parts) << (octave - 1));
}

void ReportSpread::add(Duration d) {
  d = std::max(d, Duration{});
  ++counts_[bucket_of(d)];
  if (count_ < few) {
    first_.push_back(d);
  } else {
    first_.clear();
  }
  least_ = count_ == 0 ? d : std::min(least_, d);
  most_ = std::max(most_, d);
  seconds_ += gentlify::seconds(d);
  ++count_;
}

Duration ReportSpread::mean() const {
  return count_ == 0 ? Duration{} : from_seconds(seconds_ / static_cast<double>(count_));
}

Duration ReportSpread::quantile(double q) const {
  if (count_ == 0) return {};
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  if (!first_.empty()) {
    std::vector<Duration> sorted = first_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min<std::size_t>(rank, sorted.size()) - 1];
  }
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += counts_[i];
    const Duration half = (begin_of(i + 1) - begin_of(i)) / 2;
    if (seen >= rank) return std::clamp(begin_of(i) + half, least_, most_);
  }
  return most_;
}

ReportSpread::Grid ReportSpread::grid(std::size_t most) const {
  const std::size_t from = bucket_of(least_);
  const std::size_t to = bucket_of(most_);
  std::size_t step = parts / 8;
  while (to / step - from / step + 1 > most) step *= 2;
  return {step, from / step * step, to};
}

std::vector<ReportSpread::Bar> ReportSpread::bars(std::size_t most) const {
  const std::vector<std::uint64_t> counts = counts_in(*this, most);
  std::vector<Bar> out;
  const Grid g = grid(most);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out.push_back({begin_of(g.first + (i + 1) * g.step), counts[i]});
  }
  return out;
}

std::vector<std::uint64_t> ReportSpread::counts_in(const ReportSpread& other,
                                                   std::size_t most) const {
  std::vector<std::uint64_t> counts;
  if (other.count_ == 0) return counts;
  const Grid g = other.grid(most);
  for (std::size_t i = g.first; i <= g.last; i += g.step) {
    std::uint64_t sum = 0;
    for (std::size_t k = i; k < std::min(i + g.step, bucket_count); ++k) sum += counts_[k];
    counts.push_back(sum);
  }
  return counts;
}

}  // namespace gentlify
