// Whole runs of the real scheduler against modelled services.
#include <cmath>
#include <map>

#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/hover/hover.h"
#include "lib/control/simulation/oracle.h"
#include "lib/control/simulation/random_model.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::sim;
using namespace gentlify::test;

namespace {

Model steady(Duration duration) {
  Model model;
  model.duration = duration;
  model.variation = model.jitter = 0;
  return model;
}

Model limited(Limit limit, Duration duration = 500ms) {
  Model model = steady(duration);
  model.limits.push_back(std::move(limit));
  return model;
}

Plan plan_of(std::uint64_t jobs, int most = 64, std::uint64_t seed = 1) {
  Plan plan;
  plan.jobs = jobs;
  plan.most = most;
  plan.seed = seed;
  return plan;
}

Controller controller_of(std::unique_ptr<Law> law, std::optional<Pacer> pacer = {}) {
  Controller::Gates gates;
  gates.law = std::move(law);
  gates.pacer = std::move(pacer);
  return Controller(std::move(gates));
}

Controller fixed(int limit) {
  return controller_of(std::make_unique<Fixed>(Bounds{1, limit, limit, {}, {}}, 0, 1));
}

Controller classic(int most, std::uint64_t seed) {
  const int initial = static_cast<int>(std::ceil(std::sqrt(most)));
  return controller_of(
      std::make_unique<Classic>(Bounds{1, initial, most, {}, 30s}, Classic::Settings{}, 0.5, seed));
}

Controller hovering(int most, std::uint64_t seed) {
  const int initial = static_cast<int>(std::ceil(std::sqrt(most)));
  return controller_of(
      std::make_unique<Hover>(Bounds{1, initial, most, {}, 30s}, Hover::Settings{}, seed));
}

Retry retry(std::uint64_t seed = 2) {
  return {RetrySettings{}, seed};
}

/// Watches that nothing happens that never may.
class Guard : public EventSink {
 public:
  explicit Guard(int most) : most_(most) {}

  void on_event(const Event& event, TimePoint now) override {
    in_order_ = in_order_ && now >= last_;
    last_ = now;
    if (const auto* started = std::get_if<event::Started>(&event)) {
      running_.push_back(started->job.id);
      started_[started->job.id] = now;
      within_bounds_ = within_bounds_ && started->in_flight <= most_ && started->slot >= 1 &&
                       started->slot <= most_;
    } else if (const auto* ended = std::get_if<event::Ended>(&event)) {
      started_when_it_ended_ = started_when_it_ended_ && std::erase(running_, ended->job.id) == 1;
      if (ended->fate != Fate::retry) ++settled;
      if (ended->fate == Fate::done) ++done;
    } else if (const auto* adjusted = std::get_if<event::Adjusted>(&event)) {
      limit_is_sane_ = limit_is_sane_ && adjusted->limit >= 1 && adjusted->limit <= most_;
      if (adjusted->kind != event::Adjusted::Kind::cut) return;
      one_cut_a_generation = one_cut_a_generation && started_[adjusted->job.id] >= cut_;
      cut_ = now;
    }
  }

  bool sane() const {
    return in_order_ && within_bounds_ && started_when_it_ended_ && limit_is_sane_ &&
           running_.empty();
  }
  std::uint64_t settled = 0, done = 0;
  bool one_cut_a_generation = true;

 private:
  int most_;
  TimePoint last_{}, cut_{};
  std::vector<JobId> running_;
  std::map<JobId, TimePoint> started_;  // the last attempt
  bool in_order_ = true, within_bounds_ = true, started_when_it_ended_ = true;
  bool limit_is_sane_ = true;
};

std::uint64_t failed_attempts(const Result& r) {
  return r.refused + r.outage_failures + r.timeouts + r.noise + r.broken;
}

}  // namespace

TEST_CASE("n equal jobs at c at once take n / c rounds, ours and the oracle's") {
  for (const auto& [jobs, cap] : {std::pair{100, 7}, std::pair{96, 12}, std::pair{5, 9}}) {
    const Model model = limited(Cap(static_cast<double>(cap)), 2s);
    const Plan plan = plan_of(static_cast<std::uint64_t>(jobs), cap);
    const Duration rounds = 2s * ((jobs + cap - 1) / cap);
    CHECK(oracle_makespan(model, plan) == rounds);
    const Result result = run(model, plan, fixed(cap), retry());
    CHECK(result.makespan == rounds);
    CHECK(result.attempts == plan.jobs);
    CHECK(result.peak == std::min(jobs, cap));
    CHECK(result.overshoot == Approx(std::min(jobs, cap) / static_cast<double>(cap)));
    CHECK(efficiency(result, rounds) == 1);
  }
}

TEST_CASE("the oracle takes what its formula says") {
  // The first burst starts at 0, the last job when the last token has come.
  CHECK(seconds(oracle_makespan(limited(TokenBucket(20.0, 20)), plan_of(3000))) ==
        Approx((3000 - 20) / 20.0 + 0.5));
  CHECK(oracle_makespan(limited(FixedWindow(300, 60s)), plan_of(1800, 400)) == 5 * 60s + 500ms);
  CHECK(oracle_makespan(limited(SlidingWindow(100, 10s)), plan_of(1500, 400)) == 14 * 10s + 500ms);
  CHECK(oracle_makespan(steady(1s), plan_of(640)) == 10s);
  Model away = steady(1s);
  away.outages = Outages({{at(0s), at(30s), true}});
  CHECK(oracle_makespan(away, plan_of(64)) == 31s);
  Model shared = steady(500ms);
  shared.pace = Knee(0.03, 0.015);
  const double best = 8 / (1 + 0.03 * 7 + 0.015 * 8 * 7);
  CHECK(seconds(oracle_makespan(shared, plan_of(800))) == Approx(800 * 0.5 / best).epsilon(0.001));
}

TEST_CASE("the oracle is never refused and gives up only what is broken") {
  Model model = limited(Cap(4.0), 1s);
  model.broken = 1;
  model.broken_after = 1;
  CHECK(oracle_makespan(model, plan_of(8)) == 6s);
  model.broken = 0;
  model.noise = 0.5;
  CHECK(oracle_makespan(model, plan_of(400)) > 100s);
}

TEST_CASE("recovery is told from the mark to the first window that is as good as it can be") {
  Model model = limited(Cap(4.0), 1s);
  model.outages = Outages({{at(20s), at(50s), false}});
  model.mark = at(50s);
  const Result result = run(model, plan_of(400, 4), fixed(4), retry());
  CHECK(result.recovered);
  CHECK(result.recovery < 5s);
  const Result cut_short = run(model, plan_of(100, 4), fixed(4), retry());
  CHECK_FALSE(cut_short.recovered);
}

TEST_CASE("a run that goes on past its horizon is broken off there, and the rest counts as lost") {
  Plan plan = plan_of(100);
  plan.horizon = 10s;
  const Result result = run(steady(1s), plan, fixed(2), retry());
  CHECK(result.end == Result::End::horizon);
  CHECK(result.makespan == 10s);
  CHECK(result.done == 20);
  CHECK(result.lost() == 80);
}

TEST_CASE("time spent waiting is told for the gate that bound") {
  const Result result = run(steady(1s), plan_of(95), fixed(10), retry());
  CHECK(result.waited[static_cast<std::size_t>(Gate::slots)] == 9s);
  CHECK(result.waited[static_cast<std::size_t>(Gate::none)] == 0s);
}

TEST_CASE("the same seed gives the same run, another seed another one") {
  const RandomModel random = random_model(12);
  const auto trace_of = [&](std::uint64_t seed) {
    std::vector<std::tuple<TimePoint, int, Duration, int>> trace;
    run(random.model, plan_of(random.jobs, 64, seed), classic(64, seed), retry(),
        [&](const Sample& s) { trace.emplace_back(s.at, s.limit, s.interval, s.in_flight); });
    return trace;
  };
  const auto one = trace_of(1);
  CHECK(one.size() > 50);
  CHECK(one == trace_of(1));
  CHECK(one != trace_of(2));
  CHECK(random_model(12).what == random.what);
}

TEST_CASE(
    "500 services put together by chance: no stall, no bound broken, no job unaccounted for") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const RandomModel random = random_model(seed);
    INFO("seed " << seed << ": " << random.what);
    Model model = random.model;
    model.signal = static_cast<Signal>(seed % 3);
    Plan plan = plan_of(std::min<std::uint64_t>(random.jobs, 600), 64, seed);
    const bool hovers = seed % 2 == 0;
    Guard guard(plan.most);
    int least_limit = plan.most;
    const Result result = run(
        model, plan, hovers ? hovering(plan.most, seed) : classic(plan.most, seed), retry(seed),
        [&](const Sample& s) { least_limit = std::min(least_limit, s.limit); }, &guard);
    REQUIRE(result.end == Result::End::settled);
    CHECK(guard.sane());
    // When hover takes a cut back, that may lower the other knob: its own tests look at
    // generations.
    CHECK((hovers || guard.one_cut_a_generation));
    CHECK(guard.settled == plan.jobs);
    CHECK(guard.done == result.done);
    CHECK(result.done <= result.good);
    CHECK_FALSE(result.over_limit);
    CHECK(result.peak <= plan.most);
    CHECK(least_limit >= 1);
    CHECK(result.attempts == result.done + failed_attempts(result));
    const Duration oracle = oracle_makespan(model, plan);
    CHECK(oracle > Duration{});
    CHECK(oracle < plan.horizon);
  }
}

TEST_CASE("a rate that the user sets holds in every window, whatever the service does") {
  constexpr Cost amount = 20;
  constexpr Duration period = 2s;
  constexpr Cost burst = 5;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto mode = static_cast<Pacer::Mode>(seed % 3);
    const RandomModel random = random_model(1000 + seed);
    INFO("seed " << seed << ": " << random.what);
    Recorder recorder;
    const Pacer pacer({{amount, period}, mode, burst, Pacer::Unit::starts});
    auto law = std::make_unique<Fixed>(Bounds{1, 64, 64, {}, {}}, 0, 1);
    run(random.model, plan_of(std::min<std::uint64_t>(random.jobs, 200)),
        controller_of(std::move(law), pacer), retry(seed), {}, &recorder);
    bool within = true;
    for (std::size_t i = 0; i < recorder.starts.size(); ++i) {
      for (std::size_t j = i + 1; j < recorder.starts.size(); ++j) {
        const Duration window = recorder.starts[j].at - recorder.starts[i].at;
        const auto starts = static_cast<double>(j - i + 1);
        const double flow = seconds(window) / seconds(period) * static_cast<double>(amount);
        const double late = 0.02 / seconds(period) * static_cast<double>(amount);
        switch (mode) {
          case Pacer::Mode::drip: within = within && starts <= 1 + flow + late + 1e-6; break;
          case Pacer::Mode::burst: within = within && starts <= burst + flow + 1e-6; break;
          case Pacer::Mode::exact:
            within = within && (window >= period || starts <= static_cast<double>(amount));
            break;
        }
      }
    }
    CHECK(within);
  }
}
