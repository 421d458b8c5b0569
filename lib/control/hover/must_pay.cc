#include "lib/control/hover/must_pay.h"

#include <algorithm>
#include <cmath>

namespace gentlify::hover {

namespace {

constexpr int least_cohort = 12;
constexpr double clearly_more = 1.4;
/// The share of the proportional gain that more slots must bring.
constexpr double gain = 0.25;
/// The sums of the reference fade once they rest on so many attempts.
constexpr int many = 50;
constexpr double fading = 0.98;

}  // namespace

int MustPay::size() const {
  return std::max(least_cohort, static_cast<int>(reference_));
}

MustPay::Cohort MustPay::start(int in_flight) {
  if (in_flight < clearly_more * reference_ || started_ >= size()) return 0;
  ++started_;
  cohort_in_flight_ += in_flight;
  return cohort_;
}

std::optional<double> MustPay::success(Cohort cohort, int in_flight, Duration took,
                                       const std::function<double(Cohort)>& running) {
  if (cohort != cohort_) {
    if (reference_ == 0 || in_flight >= clearly_more * reference_) return {};
    const double keep = counted_++ > many ? fading : 1;
    in_flight_sum_ = in_flight_sum_ * keep + in_flight;
    duration_sum_ = duration_sum_ * keep + seconds(took);
    return {};
  }
  cohort_duration_ += seconds(took);
  ++ended_;
  if (started_ < size() || 4 * ended_ < 3 * started_) return {};
  const double duration = cohort_duration_ + running(cohort_);
  const double slots = cohort_in_flight_ / started_;
  std::optional<double> ceiling;
  if (reference_ > 0) {
    const double more = slots / reference_;
    const double throughput = cohort_in_flight_ / duration / (in_flight_sum_ / duration_sum_);
    if (throughput < 1 + gain * (more - 1)) ceiling = std::max(1.0, std::floor(reference_));
  }
  if (!ceiling) {
    reference_ = slots;
    in_flight_sum_ = cohort_in_flight_;
    duration_sum_ = duration;
    counted_ = started_;
  }
  next_cohort();
  return ceiling;
}

void MustPay::failed(Cohort cohort, int in_flight) {
  if (cohort != cohort_) return;
  --started_;
  cohort_in_flight_ -= in_flight;
}

void MustPay::cut(double slots) {
  if (reference_ <= slots) return;
  reference_ = in_flight_sum_ = duration_sum_ = 0;
  counted_ = 0;
  next_cohort();
}

void MustPay::next_cohort() {
  ++cohort_;
  cohort_in_flight_ = cohort_duration_ = 0;
  started_ = ended_ = 0;
}

}  // namespace gentlify::hover
