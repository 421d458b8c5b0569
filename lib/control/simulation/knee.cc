#include "lib/control/simulation/knee.h"

#include <algorithm>
#include <cmath>

namespace gentlify::sim {

namespace {

/// For a heap with the next to leave in front.
constexpr auto after = [](const auto& a, const auto& b) {
  return a.leaves != b.leaves ? a.leaves > b.leaves : a.ticket > b.ticket;
};

}  // namespace

void Knee::advance(TimePoint now) {
  if (!places_.empty()) {
    work_done_ += seconds(now - advanced_) * speedup(inside()) / inside();
  }
  advanced_ = now;
}

void Knee::enter(Ticket ticket, double work, TimePoint now) {
  advance(now);
  places_.push_back({work_done_ + work, ticket});
  std::push_heap(places_.begin(), places_.end(), after);
}

void Knee::leave(Ticket ticket, TimePoint now) {
  advance(now);
  std::erase_if(places_, [ticket](const Place& p) { return p.ticket == ticket; });
  std::make_heap(places_.begin(), places_.end(), after);
}

TimePoint Knee::next() const {
  if (places_.empty()) return never;
  const double left = std::max(0.0, places_.front().leaves - work_done_);
  return later(advanced_, from_seconds(left * inside() / speedup(inside())));
}

Ticket Knee::finish() {
  advance(next());
  std::pop_heap(places_.begin(), places_.end(), after);
  const Ticket ticket = places_.back().ticket;
  places_.pop_back();
  return ticket;
}

int Knee::best(int most) const {
  int best = 1;
  for (int n = 2; n <= most; ++n) {
    if (speedup(n) > speedup(best)) best = n;
  }
  return best;
}

}  // namespace gentlify::sim
