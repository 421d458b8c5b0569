// More must pay. By Little's law
//
//   throughput = attempts in flight / duration of one
//
// A cohort of 12 attempts or more, taken in the order of their start so that survivors do not
// flatter it, started with at least 1.4 times the reference number of slots, must show a throughput
// that has risen by a quarter of the proportional gain. If not, the reference becomes the ceiling;
// else the cohort is the new reference. Contended disks, processors and queues show no refusals:
// they only get slower.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "lib/core/time.h"

namespace gentlify::hover {

class MustPay {
 public:
  /// Which cohort an attempt belongs to; 0: none.
  using Cohort = std::uint64_t;

  /// An attempt starts as one of `in_flight`.
  Cohort start(int in_flight);

  /// It succeeded after `took`. `running`: how long those of the cohort that still run have run, in
  /// all. The ceiling to set, where more did not pay.
  std::optional<double> success(Cohort cohort, int in_flight, Duration took,
                                const std::function<double(Cohort)>& running);

  /// It failed, and says nothing of durations.
  void failed(Cohort cohort, int in_flight);

  /// What started before counts for nothing: the cohort is gathered anew.
  void new_generation() { next_cohort(); }

  /// The slots were cut to `slots`: a higher reference is none any more.
  void cut(double slots);

 private:
  int size() const;
  void next_cohort();

  double reference_ = 0;                         // slots; 0: none yet
  double in_flight_sum_ = 0, duration_sum_ = 0;  // of attempts at the reference
  int counted_ = 0;
  Cohort cohort_ = 1;
  double cohort_in_flight_ = 0, cohort_duration_ = 0;  // sums
  int started_ = 0, ended_ = 0;
};

}  // namespace gentlify::hover
