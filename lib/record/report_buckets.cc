#include "lib/record/report_buckets.h"

#include <algorithm>

namespace gentlify {

void ReportBucket::add(const ReportLevel& level, Duration time) {
  const auto ns = static_cast<double>(time.count());
  most_running = std::max(most_running, level.running);
  running += level.running * ns;
  if (level.limit) {
    limit += *level.limit * ns;
    limit_known += time;
  }
  // None is kept: that is no rate at all, and not an endless one.
  if (level.interval && *level.interval > Duration{}) {
    interval += static_cast<double>(level.interval->count()) * ns;
    interval_known += time;
  }
  if (level.paused) paused += time;
  if (level.open) open += time;
}

void ReportBucket::add(const ReportBucket& other) {
  starts += other.starts;
  for (std::size_t i = 0; i < verdict_count; ++i) ends[i] += other.ends[i];
  cuts += other.cuts;
  most_running = std::max(most_running, other.most_running);
  running += other.running;
  limit += other.limit;
  interval += other.interval;
  limit_known += other.limit_known;
  interval_known += other.interval_known;
  paused += other.paused;
  open += other.open;
}

ReportBucket& ReportBuckets::at(Duration at) {
  while (at >= width_ * static_cast<Duration::rep>(most_)) fold();
  const auto i = static_cast<std::size_t>(at / width_);
  if (i >= all_.size()) all_.resize(i + 1);
  return all_[i];
}

void ReportBuckets::spread(Duration from, Duration to, const ReportLevel& level) {
  if (to <= from) return;
  this->at(to - Duration(1));  // so that nothing is folded from here on
  while (from < to) {
    const Duration end = std::min(to, (from / width_ + 1) * width_);
    this->at(from).add(level, end - from);
    from = end;
  }
}

void ReportBuckets::fold() {
  for (std::size_t i = 0; 2 * i < all_.size(); ++i) {
    ReportBucket sum = all_[2 * i];
    if (2 * i + 1 < all_.size()) sum.add(all_[2 * i + 1]);
    all_[i] = sum;
  }
  all_.resize((all_.size() + 1) / 2);
  width_ *= 2;
}

}  // namespace gentlify
