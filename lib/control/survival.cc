#include "lib/control/survival.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gentlify {

namespace {

/// With fewer on a side nothing is said.
constexpr std::size_t least = 10;
/// So many splits are tried at most.
constexpr std::size_t splits = 32;
/// Standard deviations that are no chance, though many splits are tried many times.
constexpr double significant = 4.5;
/// Means that differ by less are no reason to know less of them.
constexpr double least_factor = 4.0 / 3;

/// By how long they ran; ends before those that run on.
bool shorter(const Lifetime& a, const Lifetime& b) {
  return a.seconds != b.seconds ? a.seconds < b.seconds : a.ended && !b.ended;
}

/// By how many standard deviations those from `split` on end sooner or later than the others.
/// `order`: all of them by how long they ran.
double log_rank(const std::vector<Lifetime>& lives, const std::vector<std::size_t>& order,
                std::size_t split) {
  auto all = static_cast<double>(lives.size());
  auto late = static_cast<double>(lives.size() - split);
  double difference = 0;
  double variance = 0;
  for (std::size_t i = 0; i < order.size();) {
    const double at = lives[order[i]].seconds;
    double ends = 0;
    double late_ends = 0;
    double gone = 0;
    double late_gone = 0;
    for (; i < order.size() && lives[order[i]].seconds == at; ++i) {
      const bool is_late = order[i] >= split;
      const bool ended = lives[order[i]].ended;
      gone += 1;
      late_gone += is_late ? 1 : 0;
      ends += ended ? 1 : 0;
      late_ends += ended && is_late ? 1 : 0;
    }
    const double share = late / all;
    difference += late_ends - ends * share;
    if (all > 1) variance += ends * share * (1 - share) * (all - ends) / (all - 1);
    all -= gone;
    late -= late_gone;
  }
  return variance > 0 ? std::abs(difference) / std::sqrt(variance) : 0;
}

}  // namespace

Survival::Survival(std::vector<Lifetime> lives) {
  std::sort(lives.begin(), lives.end(), shorter);
  double alive = 1;
  auto at_risk = static_cast<double>(lives.size());
  double before = 0;
  steps_.push_back({0, 1, 0});
  for (const Lifetime& life : lives) {
    mean_ += alive * (life.seconds - before);
    squares_ += alive * (life.seconds * life.seconds - before * before);
    before = life.seconds;
    if (life.ended) {
      alive *= 1 - 1 / at_risk;
      steps_.push_back({life.seconds, alive, 0});
    }
    at_risk -= 1;
  }
  // The longest counts as ended, whether it has or not.
  double end = before;
  double beyond = 0;
  for (std::size_t i = steps_.size(); i-- > 0;) {
    Step& step = steps_[i];
    beyond += step.alive * (end - step.at);
    step.beyond = beyond;
    end = step.at;
  }
}

double Survival::variation() const {
  return mean_ > 0 ? std::sqrt(std::max(0.0, squares_ - mean_ * mean_)) / mean_ : 0;
}

double Survival::left(double seconds) const {
  const auto next = std::upper_bound(steps_.begin(), steps_.end(), seconds,
                                     [](double s, const Step& step) { return s < step.at; });
  if (next == steps_.begin()) return mean_;
  const Step& step = *std::prev(next);
  const double area = step.beyond - step.alive * (seconds - step.at);
  if (step.alive <= 0 || area <= 0) return mean_ / 2;
  return area / step.alive;
}

std::size_t change_point(const std::vector<Lifetime>& lives) {
  if (lives.size() < 2 * least) return 0;
  std::vector<std::size_t> order(lives.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return shorter(lives[a], lives[b]); });
  std::vector<std::size_t> ended = {0};  // before each
  for (const Lifetime& life : lives) ended.push_back(ended.back() + (life.ended ? 1 : 0));
  std::size_t best = 0;
  double most = significant;
  const auto look = [&](std::size_t begin, std::size_t end, std::size_t step) {
    for (std::size_t split = begin; split < end; split += step) {
      const std::size_t late = ended.back() - ended[split];
      // Of many that run and few that have ended the mean is not known yet.
      if (ended[split] < least || late < least || 2 * late < lives.size() - split) continue;
      const double z = log_rank(lives, order, split);
      if (z <= most) continue;
      most = z;
      best = split;
    }
  };
  const std::size_t step = std::max<std::size_t>(1, lives.size() / splits);
  look(least, lives.size(), step);
  if (best > 0) look(best - std::min(best, step - 1), std::min(best + step, lives.size()), 1);
  if (best == 0) return 0;
  const auto middle = lives.begin() + static_cast<std::ptrdiff_t>(best);
  const double factor =
      Survival({middle, lives.end()}).mean() / Survival({lives.begin(), middle}).mean();
  return factor >= least_factor || factor <= 1 / least_factor ? best : 0;
}

}  // namespace gentlify
