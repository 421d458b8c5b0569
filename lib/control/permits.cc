#include "lib/control/permits.h"

#include <algorithm>
#include <utility>

namespace gentlify {

Permits::Permits(const Limits& limits) : limits_(limits) {
  if (limits.rate) pacer_.emplace(*limits.rate);
  if (limits.budget) budget_.emplace(*limits.budget);
}

/// The same time by the run's clock.
TimePoint Permits::engine(TimePoint real) const {
  return real == never ? never : real - stopped_;
}

Admission Permits::next_start(TimePoint now, int in_flight, Cost cost) {
  wanted_cost_ = cost;
  if (unsure_) return {never, Gate::fleet};
  if (alone_) {
    if (in_flight >= alone_->slots) return {never, Gate::fleet};
    return {alone_->pacer.next_start(cost).at, Gate::fleet};
  }
  const TimePoint t = real(now);
  // What opens it is an answer, not the time.
  if (hold_ != Hold::none) return {held_until_ > t ? engine(held_until_) : never, Gate::fleet};
  if (t >= fence_ || in_flight >= slots_) return {never, Gate::fleet};
  if (!metered()) return {now, Gate::fleet};
  drop_void(t);
  const auto fitting = std::find_if(starts_.begin(), starts_.end(),
                                    [&](const Starts& starts) { return starts.cost >= cost; });
  if (fitting == starts_.end()) return {never, Gate::fleet};
  return {std::max(engine(fitting->first), TimePoint{}), Gate::fleet};
}

void Permits::on_start(TimePoint now, Cost cost) {
  if (alone_) return alone_->pacer.on_start(now, cost);
  if (!metered()) return;
  const auto fitting = std::find_if(starts_.begin(), starts_.end(),
                                    [&](const Starts& starts) { return starts.cost >= cost; });
  if (fitting == starts_.end()) return;
  unused_ += fitting->cost - cost;
  fitting->first = later(fitting->first, fitting->spacing);
  if (--fitting->count == 0) starts_.erase(fitting);
}

/// Those whose time has passed: lost to the rate, but what they were to cost is not spent.
void Permits::drop_void(TimePoint real) {
  std::erase_if(starts_, [&](const Starts& starts) {
    if (starts.until > real && starts.first < starts.until) return false;
    unused_ += static_cast<Cost>(starts.count) * starts.cost;
    return true;
  });
}

void Permits::add(const Starts& starts) {
  if (starts.count > 0) starts_.push_back(starts);
}

int Permits::usable(TimePoint now) {
  drop_void(real(now));
  int count = 0;
  for (const Starts& starts : starts_) {
    if (starts.cost >= wanted_cost_) count += starts.count;
  }
  return count;
}

Cost Permits::take_unused() {
  return std::exchange(unused_, 0);
}

void Permits::hold(Hold hold, TimePoint until) {
  hold_ = hold;
  held_until_ = until;
  drop_void(never);
}

void Permits::go_alone(int slots, const Pacer::Settings& rate) {
  if (!alone_) alone_.emplace(Alone{slots, Pacer(rate)});
}

}  // namespace gentlify
