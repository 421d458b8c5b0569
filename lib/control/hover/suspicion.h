// Overload is a likelihood test. S >= 0 sums log-odds "overloaded" against "healthy":
//
//   a success adds          log((1 - p1) / (1 - p0))   (negative)
//   a failure that counts   log(p1 / p0)
//   overload that was said  is enough by itself
//
//   p0 = 0.02 + the share of jobs that are broken, at most 0.5: failures without overload
//   p1 = min(0.97, 3 p0 + 0.05): failures with it
//
// Declared at S >= 6 while cruising, and at 1.72 + 15 (p0 - 0.02) for an attempt that started past
// a ceiling: there one doubts sooner, at the second failure where few jobs are broken. From 2.5 on
// it is suspected. This is Wald's sequential test.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>

#include "lib/core/job.h"

namespace gentlify::hover {

class Suspicion {
 public:
  void success() { sum_ = std::max(0.0, sum_ + std::log((1 - p1()) / (1 - p0()))); }

  /// A plain failure of `job` that counts.
  void failure(JobId job) {
    const double odds = std::log(p1() / p0());
    sum_ += odds;
    added_[job] = odds;
  }
  /// What `job` added is taken back: it was the job.
  void strike(JobId job) {
    const auto added = added_.find(job);
    if (added == added_.end()) return;
    sum_ = std::max(0.0, sum_ - added->second);
    added_.erase(added);
  }
  /// ... stays, but `job` will not run again.
  void forget(JobId job) { added_.erase(job); }
  void said() { sum_ += certain; }

  bool declared(bool past_ceiling) const {
    const double sooner = beyond + 15 * (p0() - least);
    return sum_ >= (past_ceiling ? std::min(cruising, sooner) : cruising);
  }
  double log_odds() const { return sum_; }
  bool suspected() const { return sum_ >= suspected_at; }
  bool none() const { return sum_ == 0; }
  bool little() const { return sum_ < 1; }
  bool moderate() const { return sum_ < cruising / 2; }

  /// A new generation: what was counted before is settled.
  void clear() {
    sum_ = 0;
    added_.clear();
  }

  /// A job is settled; `broken`: given up, and so its failures were to be expected.
  void job_settled(bool broken) {
    settled_ = settled_ * fading + 1;
    broken_ = broken_ * fading + (broken ? 1 : 0);
  }
  /// So many jobs that are not settled are probably broken.
  void suspects(double n) { suspects_ = n; }
  /// Share of jobs known to be broken, at most a half.
  double broken_share() const {
    return std::min(0.5, (broken_ + suspects_) / (settled_ + suspects_));
  }
  /// From now on this share of failures is taken as the jobs' own.
  void expect(double share) { broken_ = std::max(broken_, share * settled_); }

 private:
  double p0() const { return std::min(0.5, least + broken_share()); }
  double p1() const { return std::min(0.97, 3 * p0() + 0.05); }

  static constexpr double least = 0.02;
  static constexpr double cruising = 6, beyond = 1.72, suspected_at = 2.5;
  static constexpr double certain = 100;
  static constexpr double fading = 0.995;  // about the last 200 jobs

  double sum_ = 0;
  std::unordered_map<JobId, double> added_;  // since the last clear()
  double suspects_ = 0;
  double broken_ = 0;
  double settled_ = 20;
};

}  // namespace gentlify::hover
