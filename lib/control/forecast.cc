#include "lib/control/forecast.h"

#include <algorithm>
#include <cmath>

namespace gentlify {

namespace {

constexpr std::size_t tries_kept = 400;
constexpr std::size_t begins_kept = 256;
/// The last starts say what binds now.
constexpr std::size_t late_begins = 64;
constexpr std::size_t few_begins = 16;
/// So many pauses are no exception.
constexpr int usual_pauses = 2;
/// An interval is what binds, where starts come at this share of the rate that it allows at least:
/// jitter makes it up to 1.5 times as long.
constexpr double interval_share = 0.6;
/// What no sample shows.
constexpr double unknown_error = 0.05;
constexpr double longest = 1e9;
/// Of a mean that follows the last values.
constexpr double new_part = 0.1;

/// The time for `n` of something, of which `level` are done at a time, `growth` more with each, up
/// to `most`.
double time_of(double n, double level, double growth, double most) {
  if (growth <= 0 || level >= most) return n / level;
  const double growing = std::min(n, (most - level) / growth);
  const double grown = level + growing * growth;
  return std::log(grown / level) / growth + (n - growing) / grown;
}

}  // namespace

void Forecast::started(const event::Started& e, TimePoint now) {
  Try tried;
  tried.number = ++starts_;
  tried.started = now;
  running_[e.job.id] = tried;
  if (const auto retry = retries_.since.extract(e.job.id)) {
    const double waited = seconds(now - retry.mapped());
    const double part = retries_.seconds > 0 ? new_part : 1;
    retries_.seconds += part * (waited - retries_.seconds);
  }
  was_cut_ = was_cut_ || (starts_ > 1 && (e.limit < limit_ || e.interval > interval_));
  limit_ = e.limit;
  interval_ = e.interval;
  begins_.push_back({now, closed(now), pauses_, e.gate, e.in_flight, e.limit, e.interval, e.share});
  if (begins_.size() > begins_kept) begins_.pop_front();
}

void Forecast::ended(const event::Ended& e, TimePoint now) {
  if (e.outcome.again) {
    running_.erase(e.job.id);
    return;
  }
  if (e.fate == Fate::retry) {
    retries_.since.emplace(e.job.id, now);
  } else {
    retries_.since.erase(e.job.id);
  }
  const auto node = running_.extract(e.job.id);
  if (node.empty() || !e.attempted || e.fate == Fate::not_done) return;
  Try tried = node.mapped();
  if (tried.number < first_) return;
  tried.seconds = seconds(e.ran);
  tried.over = true;
  tried.again = e.fate == Fate::retry;
  ended_.push_back(tried);
  if (ended_.size() > tries_kept) ended_.pop_front();
}

void Forecast::dropped(const event::Dropped& e) {
  retries_.since.erase(e.job.id);
}

void Forecast::starved(const event::Starved& e) {
  running_.erase(e.job.id);
}

void Forecast::paused(const event::Paused& e, TimePoint now) {
  if (e.on && !paused_ && e.until != never) ++pauses_;
  paused_ = e.on;
  paused_until_ = e.until;
  set_closed(now);
}

void Forecast::circuit(const event::CircuitMoved& e, TimePoint now) {
  open_ = e.open;
  open_until_ = e.until;
  set_closed(now);
}

void Forecast::set_closed(TimePoint now) {
  if (paused_ || open_) {
    closed_since_ = std::min(closed_since_, now);
  } else {
    closed_ = closed(now);
    closed_since_ = never;
  }
}

/// Time so far in which nothing could start.
Duration Forecast::closed(TimePoint now) const {
  return closed_ + (closed_since_ < now ? now - closed_since_ : Duration{});
}

/// How long that goes on, as far as is known.
Duration Forecast::wait(TimePoint now) const {
  Duration wait{};
  if (paused_ && paused_until_ != never) wait = std::max(wait, paused_until_ - now);
  if (open_ && open_until_ != never) wait = std::max(wait, open_until_ - now);
  return wait;
}

/// The tries that count, in the order of their starts.
std::vector<Forecast::Try> Forecast::recent(TimePoint now) const {
  std::vector<Try> tries(ended_.begin(), ended_.end());
  for (const auto& [job, tried] : running_) {
    tries.push_back(tried);
    tries.back().seconds = seconds(now - tried.started);
  }
  std::sort(tries.begin(), tries.end(),
            [](const Try& a, const Try& b) { return a.number < b.number; });
  return tries;
}

/// Takes away what was before the last change. Refusals come in waves and are no change.
void Forecast::forget_before_change(std::vector<Try>& tries) const {
  std::erase_if(tries, [&](const Try& t) { return t.number < first_; });
  for (;;) {
    std::vector<Lifetime> lives;
    std::vector<std::uint64_t> numbers;
    for (const Try& t : tries) {
      if (t.again) continue;
      lives.push_back({t.seconds, t.over});
      numbers.push_back(t.number);
    }
    const std::size_t change = change_point(lives);
    if (change == 0) return;
    first_ = numbers[change];
    std::erase_if(tries, [&](const Try& t) { return t.number < first_; });
  }
}

std::optional<Forecast::Work> Forecast::work(TimePoint now, double waiting) const {
  std::vector<Try> tries = recent(now);
  forget_before_change(tries);
  std::vector<Lifetime> lives;
  lives.reserve(tries.size());
  for (const Try& t : tries) lives.push_back({t.seconds, t.over});
  double ended = 0;
  double again = 0;
  for (const Try& t : tries) {
    if (!t.over) continue;
    ended += 1;
    again += t.again ? 1 : 0;
  }
  if (ended < 2) return {};
  Work work{Survival(std::move(lives)), (ended + 1) / (ended - again + 1), 0,
            static_cast<std::size_t>(ended)};
  const double mean = work.lives.mean();
  work.seconds = waiting * work.tries * mean;
  for (const auto& [job, tried] : running_) {
    work.seconds += work.lives.left(seconds(now - tried.started)) + (work.tries - 1) * mean;
  }
  return work;
}

/// Where in begins_ the starts since the last change begin, if they are enough.
std::size_t Forecast::first_begin() const {
  const std::uint64_t front = starts_ - begins_.size() + 1;
  const auto first = static_cast<std::size_t>(std::max(first_, front) - front);
  return std::min(first, begins_.size() - std::min(begins_.size(), few_begins));
}

std::size_t Forecast::first_late_begin() const {
  return begins_.size() - std::min(begins_.size(), late_begins);
}

/// What held starts back for longer than all else was the limit.
bool Forecast::by_slots() const {
  double slots = 0;
  double others = 0;
  for (std::size_t i = 1; i < begins_.size(); ++i) {
    const Begin& begin = begins_[i];
    const Begin& before = begins_[i - 1];
    if (begin.gate == Gate::none) continue;
    (begin.gate == Gate::slots ? slots : others) +=
        seconds(begin.at - before.at - (begin.closed - before.closed));
  }
  return slots >= others;
}

bool Forecast::pauses_are_usual() const {
  return begins_.back().pauses - begins_.front().pauses >= usual_pauses;
}

/// Seconds from one start to the next, as the last ones came.
double Forecast::interval_of_late(TimePoint now) const {
  if (begins_.size() < 2) return 0;
  std::size_t begin = first_begin();
  // At a rate that is kept they come evenly, and a few tell as much as many.
  if (interval_ > Duration{}) begin = std::max(begin, first_late_begin());
  const Begin& first = begins_[begin];
  const Begin& last = begins_.back();
  const auto starts = static_cast<double>(begins_.size() - 1 - begin);
  const Duration shut = pauses_are_usual() ? Duration{} : last.closed - first.closed;
  const double took = seconds(last.at - first.at - shut);
  // The next one cannot come sooner than now.
  const double since = seconds(now - last.at - (closed(now) - last.closed));
  const double interval = took / starts;
  return since > interval ? (took + since) / (starts + 1) : interval;
}

Forecast::Lately Forecast::lately(TimePoint now) const {
  Lately lately;
  double filled = 0;
  double bound = 0;
  double limits = 0;
  double spacings = 0;
  const std::size_t first = first_late_begin();
  for (std::size_t i = first; i < begins_.size(); ++i) {
    const Begin& begin = begins_[i];
    limits += begin.limit;
    spacings += seconds(begin.interval);
    if (begin.gate != Gate::slots) continue;
    filled += std::min(1.0, static_cast<double>(begin.in_flight) / begin.limit);
    ++bound;
  }
  double asked = 0;
  double shares = 0;
  for (const Begin& begin : begins_) {
    asked += seconds(begin.interval);
    shares += seconds(begin.share);
  }
  const auto all = static_cast<double>(begins_.size());
  const double n = all - static_cast<double>(first);
  lately.by_slots = by_slots();
  // Neither a cut that is made good at once nor a limit that was reached only now misleads.
  lately.level = std::max<double>(limit_, limits / n) * (bound > 0 ? filled / bound : 1);
  lately.level = std::max(1.0, lately.level);
  lately.spacing = std::min(seconds(interval_), spacings / n);
  lately.share = shares / all;
  lately.interval = interval_of_late(now);
  if (asked / all >= interval_share * lately.interval && asked > 0) {
    lately.interval *= std::min(1.0, seconds(interval_) * all / asked);
  }
  if (was_cut_ || n < 2) return lately;
  const Begin& begin = begins_[first];
  lately.growth = std::max(0.0, (limit_ - begin.limit) / (n - 1));
  if (interval_ > Duration{} && begin.interval > Duration{}) {
    const double faster = 1 / seconds(interval_) - 1 / seconds(begin.interval);
    lately.speeding = std::max(0.0, faster / (n - 1));
  }
  return lately;
}

/// Seconds until `starts` have started, by the rate.
double Forecast::pace(const Lately& lately, double starts) const {
  const double most = 1 / seconds(std::max(least_interval_, Duration(1)));
  const auto paced = [&](double interval) {
    return interval > 0 ? time_of(starts, 1 / interval, lately.speeding, most) : 0;
  };
  double took = std::max(paced(lately.spacing), starts * lately.share);
  if (!lately.by_slots || pauses_are_usual()) took = std::max(took, paced(lately.interval));
  return took;
}

std::optional<Eta> Forecast::eta(TimePoint now, std::uint64_t jobs) const {
  const auto all = static_cast<double>(jobs);
  const auto in_flight = static_cast<double>(running_.size());
  const double waiting = std::max(0.0, all - in_flight);
  const std::optional<Work> work = this->work(now, waiting);
  if (!work || jobs == 0) return {};
  const double mean = work->lives.mean();
  const double variation = work->lives.variation();
  const Lately lately = this->lately(now);

  const double attempts = mean > 0 ? work->seconds / mean : 0;
  const double slots = std::min(lately.level, all);
  const double most = std::max<double>(slots, most_);
  // So many run when the last ones do.
  double level = std::min({all, most, lately.level + attempts * lately.growth});
  if (!lately.by_slots && lately.interval > 0) {
    level = std::clamp(mean / lately.interval, 1.0, std::max(1.0, level));
  }
  const double late = 0.7 * variation * variation * std::log(level);
  double left = mean * (time_of(attempts, slots, lately.growth, most) + (1 - 1 / slots) / 2 + late);
  const double starts = waiting * work->tries + in_flight * (work->tries - 1);
  if (starts >= 1) left = std::max(left, pace(lately, starts) + mean * (1 + late));
  // One of the last is likely to run again.
  const double rerun = (1 - std::exp(-work->again() * level)) * (retries_.seconds + mean);
  left += rerun;

  const auto n = static_cast<double>(work->ended);
  const double error = std::sqrt(variation * variation * (1 / n + 1 / all) +
                                 work->again() * work->tries / n + unknown_error * unknown_error);
  const double spread = 2 * left * error + 0.75 * mean + rerun;
  left += seconds(wait(now));
  return Eta{from_seconds(std::min(left, longest)), from_seconds(std::min(spread, longest))};
}

}  // namespace gentlify
