#include "lib/control/simulation/measures.h"

#include <algorithm>

namespace gentlify::sim {

namespace {

constexpr Duration step = std::chrono::milliseconds(250);
constexpr std::size_t steps_of_window = 20;
/// Looked at after the mark: a day.
constexpr std::size_t most_steps = std::chrono::hours(24) / step;

}  // namespace

Overshoot::Overshoot(const Service& service) : service_(service) {
  if (const auto rate = service.limits().rate(TimePoint{})) {
    window_ = from_seconds(std::max(1.0, 3 / *rate));
  }
}

void Overshoot::on_start(TimePoint now, int in_flight) {
  const auto add = [this](double value) { value_ = std::max(value_.value_or(value), value); };
  if (window_ > Duration{}) {
    while (!starts_.empty() && starts_.front() < now - window_) starts_.pop_front();
    starts_.push_back(now);
    const double rate = std::max(1e-9, *service_.limits().rate(now));
    add(static_cast<double>(starts_.size()) / seconds(window_) / rate);
  }
  if (const auto cap = service_.limits().cap(now)) add(in_flight / std::max(1.0, 1.0 * *cap));
}

void Recovery::on_start(TimePoint now, bool admitted) {
  const auto mark = service_.model().mark;
  last_ = now;
  if (!mark || now < *mark) return;
  const auto index = static_cast<std::size_t>((now - *mark) / step);
  if (index >= most_steps) return;
  if (steps_.size() <= index) steps_.resize(index + 1);
  ++steps_[index].starts;
  if (admitted) ++steps_[index].admitted;
}

std::optional<Recovery::Value> Recovery::value() const {
  const auto mark = service_.model().mark;
  if (!mark) return {};
  constexpr Duration window = steps_of_window * step;
  Step sum;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    sum.starts += steps_[i].starts;
    sum.admitted += steps_[i].admitted;
    if (i + 1 < steps_of_window) continue;
    const std::size_t first = i + 1 - steps_of_window;
    const Duration since_mark = step * static_cast<std::int64_t>(first);
    if (*mark + since_mark + window > last_) break;
    const double could =
        service_.capacity(*mark + since_mark + window / 2, most_) * seconds(window);
    if (sum.admitted >= 0.9 * could && sum.starts - sum.admitted <= 0.1 * sum.starts) {
      return Value{since_mark, true};
    }
    sum.starts -= steps_[first].starts;
    sum.admitted -= steps_[first].admitted;
  }
  return Value{std::max(Duration{}, last_ - *mark), false};
}

}  // namespace gentlify::sim
