#include "tests/bench/control/scenarios.h"

#include <chrono>

namespace gentlify::bench {

namespace {

using namespace std::chrono_literals;
using sim::Cap;
using sim::FixedWindow;
using sim::Model;
using sim::Outages;
using sim::SlidingWindow;
using sim::Steps;
using sim::TokenBucket;

TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

Model jobs_of(Duration duration, double variation = 0.3) {
  Model model;
  model.duration = duration;
  model.variation = variation;
  return model;
}

Model limited(sim::Limit limit, Duration duration = 500ms, double variation = 0.3) {
  Model model = jobs_of(duration, variation);
  model.limits.push_back(std::move(limit));
  return model;
}

/// 20/s, as most scenarios have it.
Model twenty() {
  return limited(TokenBucket(20.0, 20));
}

Model changed(Model model, TimePoint mark) {
  model.mark = mark;
  return model;
}

Model away(Model model, bool hangs) {
  model.outages = Outages({{at(30s), at(60s), hangs}});
  if (hangs) model.timeout = 10s;
  return changed(std::move(model), at(60s));
}

Model faulty(Model model, double broken, double noise) {
  model.broken = broken;
  model.noise = noise;
  return model;
}

Model queue() {
  Model model = jobs_of(500ms);
  model.pace = sim::Queue(4);
  model.timeout = 5s;
  return model;
}

Model knee() {
  Model model = jobs_of(500ms);
  model.pace = sim::Knee(0.03, 0.015);
  return model;
}

}  // namespace

std::vector<Scenario> scenarios() {
  return {
      {"rate-bucket", "20/s, burst 20", 3000, twenty()},
      {"rate-fixedwin", "300 each 60 s by the clock", 1800, limited(FixedWindow(300, 60s))},
      {"rate-sliding", "100 within any 10 s", 1500, limited(SlidingWindow(100, 10s))},
      {"rate-slow", "1/s, burst 5", 250, limited(TokenBucket(1.0, 5), 300ms)},
      {"conc-12", "12 in flight", 1800, limited(Cap(12.0), 1s, 0.5)},
      {"conc-3", "3 in flight", 240, limited(Cap(3.0), 2s)},
      {"queue-timeout", "4 servers and a queue, time-out 5 s", 1200, queue()},
      {"usl", "slower with load, best at 8", 1500, knee()},
      {"open", "no limit", 3000, jobs_of(1s)},
      {"short-60", "60 jobs, 8 in flight", 60, limited(Cap(8.0), 1s)},
      {"step-down", "40/s, 10/s from 40 s on", 3000,
       changed(limited(TokenBucket(Steps({{0s, 40}, {40s, 10}}), 10)), at(40s))},
      {"step-up", "5/s, 40/s from 60 s on", 4000,
       changed(limited(TokenBucket(Steps({{0s, 5}, {60s, 40}}), 10)), at(60s))},
      {"conc-step", "16 in flight, 6 from 40 s to 100 s", 2400,
       changed(limited(Cap(Steps({{0s, 16}, {40s, 6}, {100s, 16}})), 1s), at(100s))},
      {"outage", "20/s, refuses all from 30 s to 60 s", 3000, away(twenty(), false)},
      {"outage-hang", "20/s, hangs from 30 s to 60 s", 3000, away(twenty(), true)},
      {"flap", "20/s and 4/s in turn, 15 s each", 2400,
       limited(TokenBucket(Steps({{0s, 20}, {15s, 4}}, 30s), 5))},
      {"noise", "20/s, 1 % fail at random", 3000, faulty(twenty(), 0, 0.01)},
      {"broken5", "20/s, 5 % of the jobs are broken", 3000, faulty(twenty(), 0.05, 0)},
      {"broken5-open", "no limit, 5 % broken, 1 % fail at random", 6000,
       faulty(jobs_of(1s), 0.05, 0.01)},
      {"broken5-conc", "12 in flight, 5 % broken", 1800, faulty(limited(Cap(12.0), 1s), 0.05, 0)},
  };
}

}  // namespace gentlify::bench
