#include "lib/control/simulation/limits.h"

#include <algorithm>

namespace gentlify::sim {

namespace {

TimePoint latest(std::vector<Limit>& limits, TimePoint now, int active) {
  TimePoint opens = now;
  for (Limit& limit : limits) {
    opens = std::max(opens, std::visit([&](auto& l) { return l.opens(now, active); }, limit));
  }
  return opens;
}

}  // namespace

bool Limits::admit(TimePoint now, int active) {
  if (box_ && box_->opens(now) > now) return false;
  if (latest(limits_, now, active) > now) {
    if (box_) box_->on_refused(now);
    return false;
  }
  for (Limit& limit : limits_) std::visit([&](auto& l) { l.take(now); }, limit);
  return true;
}

TimePoint Limits::opens(TimePoint now, int active) {
  const TimePoint opens = latest(limits_, now, active);
  return box_ ? std::max(opens, box_->opens(now)) : opens;
}

std::optional<Duration> Limits::retry_after(TimePoint now, int active) {
  if (box_ && box_->opens(now) > now) return box_->opens(now) - now;
  TimePoint opens = now;
  for (Limit& limit : limits_) {
    if (std::holds_alternative<Cap>(limit)) continue;
    opens = std::max(opens, std::visit([&](auto& l) { return l.opens(now, active); }, limit));
  }
  if (opens == now || opens == never) return {};
  return opens - now;
}

std::optional<double> Limits::rate(TimePoint t) const {
  std::optional<double> lowest;
  const auto add = [&](double rate) { lowest = std::min(lowest.value_or(rate), rate); };
  for (const Limit& limit : limits_) {
    if (const auto* bucket = std::get_if<TokenBucket>(&limit)) add(bucket->rate(t));
    if (const auto* window = std::get_if<FixedWindow>(&limit)) add(window->rate(t));
    if (const auto* window = std::get_if<SlidingWindow>(&limit)) add(window->rate(t));
  }
  return lowest;
}

std::optional<int> Limits::cap(TimePoint t) const {
  std::optional<int> lowest;
  for (const Limit& limit : limits_) {
    const auto* cap = std::get_if<Cap>(&limit);
    if (cap != nullptr) lowest = std::min(lowest.value_or(cap->cap(t)), cap->cap(t));
  }
  return lowest;
}

}  // namespace gentlify::sim
