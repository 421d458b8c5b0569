#include "lib/control/pacer.h"

namespace gentlify {

namespace {

constexpr Duration usual_lateness = std::chrono::milliseconds(20);

}  // namespace

Pacer::Pacer(const Settings& settings)
    : settings_(settings), bucket_(settings.rate, bucket_size()), log_(settings.rate) {}

void Pacer::set_rate(Rate rate, TimePoint now) {
  settings_.rate = rate;
  bucket_.change(rate, bucket_size(), now);
  log_.change(rate);
}

Cost Pacer::most() const {
  return settings_.mode == Mode::burst ? settings_.burst : settings_.rate.amount;
}

bool Pacer::fits(Cost cost) const {
  return counted(cost) <= most();
}

Admission Pacer::next_start(Cost cost) {
  return {exact() ? log_.at(counted(cost)) : bucket_.at(counted(cost)), Gate::rate};
}

void Pacer::on_start(TimePoint now, Cost cost) {
  if (exact()) return log_.take(now, counted(cost));
  const TimePoint due = bucket_.at(counted(cost));
  const bool on_schedule = settings_.mode == Mode::drip && due + usual_lateness >= now;
  // `due` is rounded up: a little before it the bucket's own number counts.
  bucket_.take(on_schedule ? due - Duration(1) : now, counted(cost));
}

void Pacer::give_back(TimePoint then, Cost cost) {
  if (exact()) {
    log_.give_back(then, counted(cost));
  } else {
    bucket_.give_back(counted(cost));
  }
}

}  // namespace gentlify
