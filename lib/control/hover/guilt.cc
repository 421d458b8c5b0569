#include "lib/control/hover/guilt.h"

#include <algorithm>

namespace gentlify::hover {

void Guilt::accepted(TimePoint started, int in_flight, bool in_trouble, TimePoint now) {
  if (in_trouble) {
    evidence_.push_back({started, in_flight, true});
    if (evidence_.size() > most) evidence_.pop_front();
  }
  while (!peaks_.empty() && peaks_.back().in_flight <= in_flight) peaks_.pop_back();
  peaks_.push_back({now, in_flight});
  while (now - peaks_.front().at > std::chrono::seconds(30)) peaks_.pop_front();
}

void Guilt::refused(TimePoint started, int in_flight, bool counts) {
  if (counts) evidence_.push_back({started, in_flight, false});
  if (evidence_.size() > most) evidence_.pop_front();
  for (Seen& seen : evidence_) {
    if (seen.started > started) --seen.in_flight;
  }
}

bool Guilt::rate_is_guilty(int in_flight) const {
  int most_accepted = 0;
  int refusals = 0;
  int above = 0;
  for (const Seen& seen : evidence_) {
    if (seen.accepted) most_accepted = std::max(most_accepted, seen.in_flight);
  }
  for (const Seen& seen : evidence_) {
    if (seen.accepted) continue;
    ++refusals;
    if (seen.in_flight > most_accepted) ++above;
  }
  if (most_accepted > 0) return 2 * above < refusals;
  return !peaks_.empty() && in_flight <= peaks_.front().in_flight;
}

}  // namespace gentlify::hover
