#include "lib/control/simulation/random_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lib/control/simulation/draws.h"
#include "lib/control/simulation/service.h"

namespace gentlify::sim {

namespace {

constexpr int most = 64;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(mix(seed, 0)) {}

  RandomModel make() {
    say("{:.2g} s jobs", seconds(model_.duration = spread(0.1, 4)));
    model_.variation = random_.uniform(0, 1);
    model_.refusal = spread(0.02, 0.5);
    length_ = spread(30, 400);
    choose_limits();
    choose_faults();
    if (chance(0.2)) add_outage();
    const double capacity = Service(model_, 1).capacity(TimePoint{}, most);
    const double jobs = std::clamp(capacity * seconds(length_), 40.0, 6000.0);
    return {std::move(model_), static_cast<std::uint64_t>(jobs), std::move(what_)};
  }

 private:
  bool chance(double p) { return random_.uniform(0, 1) < p; }
  int whole(double low, double high) { return static_cast<int>(random_.uniform(low, high + 1)); }
  /// Each factor of two between `low` and `high` is as likely as any other.
  double factor(double low, double high) {
    return low * std::pow(high / low, random_.uniform(0, 1));
  }
  Duration spread(double low, double high) { return from_seconds(factor(low, high)); }
  Duration within(Duration low, Duration high) {
    return from_seconds(random_.uniform(seconds(low), seconds(high)));
  }

  template <class... T>
  void say(fmt::format_string<T...> format, T&&... values) {
    if (!what_.empty()) what_ += ", ";
    what_ += fmt::format(format, std::forward<T>(values)...);
  }

  void choose_limits() {
    const double which = random_.uniform(0, 1);
    if (which < 0.30) {
      add_bucket();
    } else if (which < 0.55) {
      add_cap();
    } else if (which < 0.64) {
      add_bucket();
      add_cap();
    } else if (which < 0.72) {
      add_window(true);
    } else if (which < 0.80) {
      add_window(false);
    } else if (which < 0.87) {
      set_queue();
    } else if (which < 0.94) {
      set_knee();
    } else {
      say("no limit");
    }
    if (!model_.limits.empty() && chance(0.05)) add_ban();
  }

  void add_bucket() {
    const Steps rate = changing(factor(0.5, 80), 0.2);
    const double burst = chance(0.1) ? 1 : std::max(2.0, std::round(rate.at({}) * factor(0.2, 4)));
    say("burst {}", burst);
    model_.limits.emplace_back(TokenBucket(rate, burst));
  }

  void add_cap() { model_.limits.emplace_back(Cap(changing(std::round(factor(1, 48)), 1))); }

  void add_window(bool fixed) {
    const Duration length = spread(1, 60);
    length_ = std::max(length_, 3 * length);
    const int count = std::max(1, static_cast<int>(factor(0.5, 60) * seconds(length)));
    say("{} in {:.2g} s by {}", count, seconds(length), fixed ? "the clock" : "any window");
    if (fixed) {
      model_.limits.emplace_back(FixedWindow(count, length, within(Duration{}, length)));
    } else {
      model_.limits.emplace_back(SlidingWindow(count, length));
    }
  }

  void set_queue() {
    const int servers = whole(1, 24);
    model_.timeout = from_seconds(seconds(model_.duration) * factor(6, 40));
    say("{} servers, time-out {:.2g} s", servers, seconds(*model_.timeout));
    model_.pace = Queue(servers, chance(0.7));
  }

  void set_knee() {
    const double contention = random_.uniform(0, 0.1);
    const double coherency = factor(0.0005, 0.03);
    say("knee at {:.0f}", std::sqrt((1 - contention) / coherency));
    model_.pace = Knee(contention, coherency);
  }

  void add_ban() {
    const int strikes = whole(5, 30);
    const Duration ban = spread(5, 60);
    say("ban of {:.2g} s after {} refusals", seconds(ban), strikes);
    model_.ban = PenaltyBox(strikes, spread(1, 30), ban);
  }

  /// A number that may change: not at all, now and then, or to and fro.
  Steps changing(double value, double least) {
    const double which = random_.uniform(0, 1);
    std::vector<Steps::Step> steps = {{Duration{}, value}};
    std::string said = fmt::format("{:.2g}", value);
    const auto jump = [&](Duration at) {
      const double to = std::max(least, std::round(value * factor(0.2, 5) / least) * least);
      steps.push_back({at, to});
      said += fmt::format(" -> {:.2g} at {:.0f} s", to, seconds(at));
    };
    Duration period{};
    if (which < 0.08) {
      period = spread(4, 60);
      jump(period / 2);
      said += " and back, again and again";
    } else if (which < 0.35) {
      Duration at{};
      const int jumps = whole(1, 3);
      for (int i = 0; i < jumps; ++i) jump(at += within(length_ / 8, length_ / 2));
      model_.mark = TimePoint{} + at;
    }
    say("{} {}", least == 1 ? "cap" : "rate", said);
    return Steps(std::move(steps), period);
  }

  void choose_faults() {
    if (chance(0.3)) say("{:.2g} broken", model_.broken = factor(0.005, 0.2));
    if (chance(0.25)) say("{:.2g} noise", model_.noise = factor(0.001, 0.06));
    model_.broken_after = random_.uniform(0.05, 1);
  }

  void add_outage() {
    const bool hangs = chance(0.4);
    const TimePoint from = TimePoint{} + within(Duration{}, length_);
    const TimePoint to = from + spread(3, 60);
    say("{} from {:.0f} to {:.0f} s", hangs ? "hangs" : "refuses all",
        seconds(from.time_since_epoch()), seconds(to.time_since_epoch()));
    model_.outages = Outages({{from, to, hangs}});
    model_.mark = to;
    if (hangs && !model_.timeout) {
      model_.timeout = from_seconds(seconds(model_.duration) * factor(8, 40));
    }
  }

  Random random_;
  Model model_;
  Duration length_{};
  std::string what_;
};

}  // namespace

RandomModel random_model(std::uint64_t seed) {
  return Maker(seed).make();
}

}  // namespace gentlify::sim
