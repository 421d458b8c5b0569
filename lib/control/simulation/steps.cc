#include "lib/control/simulation/steps.h"

#include <algorithm>
#include <cmath>

namespace gentlify::sim {

std::size_t Steps::index(Duration d) const {
  if (steps_.size() == 1) return 0;
  const auto after = std::upper_bound(steps_.begin() + 1, steps_.end(), d,
                                      [](Duration t, const Step& s) { return t < s.from; });
  return static_cast<std::size_t>(after - steps_.begin()) - 1;
}

TimePoint Steps::next_change(TimePoint t) const {
  if (steps_.size() == 1) return never;
  const Duration d = within(t);
  const std::size_t next = index(d) + 1;
  if (next < steps_.size()) return later(t, steps_[next].from - d);
  return period_ == Duration{} ? never : later(t, period_ - d);
}

double Steps::integral(TimePoint from, TimePoint to) const {
  double sum = 0;
  if (period_ > Duration{} && to - from > period_) {
    const std::int64_t whole = (to - from) / period_;
    sum = static_cast<double>(whole) * of_a_period();
    from += whole * period_;
  }
  while (from < to) {
    const TimePoint end = std::min(to, next_change(from));
    sum += at(from) * seconds(end - from);
    from = end;
  }
  return sum;
}

double Steps::of_a_period() const {
  double sum = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Duration end = i + 1 < steps_.size() ? steps_[i + 1].from : period_;
    sum += steps_[i].value * seconds(end - steps_[i].from);
  }
  return sum;
}

TimePoint Steps::reaches(TimePoint from, double amount) const {
  if (highest() <= 0) return amount <= 0 ? from : never;
  if (period_ > Duration{} && amount > of_a_period()) {
    const double whole = std::floor(amount / of_a_period());
    if (whole * seconds(period_) > 9e9) return never;
    amount -= whole * of_a_period();
    from = later(from, static_cast<std::int64_t>(whole) * period_);
  }
  for (;;) {
    const double value = at(from);
    const TimePoint change = next_change(from);
    const double wait = value > 0 ? amount / value : HUGE_VAL;
    if (change == never || wait <= seconds(change - from)) {
      if (wait > 9e9) return never;
      // Up, so that all of it is there, but not for what is lost in the last digits.
      return later(from, Duration(std::llround(std::ceil(std::max(wait, 0.0) * 1e9 - 1e-3))));
    }
    amount -= value * seconds(change - from);
    from = change;
  }
}

double Steps::highest() const {
  return std::max_element(steps_.begin(), steps_.end(),
                          [](const Step& a, const Step& b) { return a.value < b.value; })
      ->value;
}

double Steps::lowest() const {
  return std::min_element(steps_.begin(), steps_.end(),
                          [](const Step& a, const Step& b) { return a.value < b.value; })
      ->value;
}

}  // namespace gentlify::sim
