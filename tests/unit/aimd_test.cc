// The aimd law, rule by rule.
#include "lib/control/aimd.h"

#include <cmath>

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Bounds cap(int most) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = most;
  return bounds;
}

/// A law and attempts of jobs of their own, each of which had waited for the rate.
struct Bench {
  Aimd law;
  std::uint64_t attempts = 0;
  TimePoint now = at(1s);

  explicit Bench(const Aimd::Settings& settings = {}) : law(cap(4), settings) {}

  Attempt start() {
    Attempt a;
    a.id = AttemptId{++attempts};
    a.job = JobId{attempts};
    a.started = now;
    a.waited_for = Gate::interval;
    law.on_start(a);
    return a;
  }
  Ruling end(const Attempt& a, Verdict v, std::optional<Duration> retry_after = {}) {
    Outcome outcome;
    outcome.verdict = v;
    outcome.retry_after = retry_after;
    return law.on_end(a, outcome, {}, now);
  }
  Ruling one(Verdict v) { return end(start(), v); }
};

}  // namespace

TEST_CASE("aimd begins half-way between the least and the most rate, in doublings") {
  CHECK(Bench().law.rate() == Approx(std::sqrt(0.1 * 50)));
  Aimd::Settings s;
  s.min_rate = s.max_rate = 7;
  CHECK(Bench(s).law.rate() == Approx(7));
}

TEST_CASE("aimd adds a step for each success that had waited for the rate, up to the most") {
  Aimd::Settings s;
  s.min_rate = s.max_rate = 2;
  s.max_rate = 2.25;
  s.min_rate = 4 / s.max_rate;
  Bench b(s);
  REQUIRE(b.law.rate() == Approx(2));
  b.one(Verdict::success);
  CHECK(b.law.rate() == Approx(2.1));
  Attempt idle = b.start();
  idle.waited_for = Gate::slots;
  b.end(idle, Verdict::success);
  CHECK(b.law.rate() == Approx(2.1));
  for (int i = 0; i < 5; ++i) b.one(Verdict::success);
  CHECK(b.law.rate() == Approx(2.25));
}

TEST_CASE("aimd multiplies the rate on overload, down to the least") {
  Bench b;
  const double before = b.law.rate();
  const Ruling ruling = b.one(Verdict::overload);
  REQUIRE(ruling.moved);
  CHECK(ruling.moved->kind == event::Adjusted::Kind::cut);
  CHECK(seconds(ruling.moved->interval) == Approx(2 / before));
  CHECK(b.law.rate() == Approx(before / 2));
  for (int i = 0; i < 20; ++i) b.one(Verdict::overload);
  CHECK(b.law.rate() == Approx(0.1));
  CHECK(b.law.limit() == 4);
}

TEST_CASE("aimd pauses after overload for the time of a start, 1 s to 60 s") {
  Aimd::Settings s;
  s.min_rate = 0.001;
  s.max_rate = 1000;  // begins with 1 a second
  Bench b(s);
  const auto pause = [&] { return seconds(*b.one(Verdict::overload).pause); };
  CHECK(pause() == Approx(2));
  CHECK(pause() == Approx(4));
  for (int i = 0; i < 10; ++i) pause();
  CHECK(pause() == Approx(60));
  s.min_rate = 10;
  CHECK(Bench(s).one(Verdict::overload).pause == 1s);
  s.cooldown_multiplier = 1000;
  CHECK(seconds(*Bench(s).one(Verdict::overload).pause) == Approx(1000 / 50.0));
}

TEST_CASE("where the service says how long to wait aimd adds no pause of its own") {
  Bench b;
  CHECK_FALSE(b.end(b.start(), Verdict::overload, 5s).pause);
}

TEST_CASE("aimd cuts at the third first failure within a minute, not at the second") {
  Bench b;
  CHECK_FALSE(b.one(Verdict::failure).moved);
  CHECK_FALSE(b.one(Verdict::failure).moved);
  CHECK(b.one(Verdict::failure).moved);
}

TEST_CASE("aimd makes one cut a generation, and successes of before it do not raise the rate") {
  Bench b;
  std::vector<Attempt> burst;
  for (int i = 0; i < 16; ++i) burst.push_back(b.start());
  int cuts = 0;
  for (const Attempt& a : burst) cuts += b.end(a, Verdict::overload).moved.has_value();
  CHECK(cuts == 1);
  const Attempt old = b.start();
  b.one(Verdict::overload);
  const double cut = b.law.rate();
  CHECK_FALSE(b.end(old, Verdict::success).moved);
  CHECK(b.law.rate() == cut);
}

TEST_CASE("aimd never goes below the rate of the longest interval") {
  Bounds bounds = cap(4);
  bounds.max_interval = 500ms;
  Aimd law(bounds, {});
  for (std::uint64_t i = 1; i < 50; ++i) {
    Attempt a;
    a.id = AttemptId{i};
    a.started = at(std::chrono::seconds(i));
    law.on_start(a);
    Outcome outcome;
    outcome.verdict = Verdict::overload;
    law.on_end(a, outcome, {}, a.started);
  }
  CHECK(law.rate() == Approx(2));
}

TEST_CASE("what the jobs did themselves does not slow aimd down") {
  Bench b;
  for (int i = 0; i < 20; ++i) b.one(Verdict::overload);
  REQUIRE(b.law.rate() < 1);
  b.law.start_over();
  CHECK(b.law.rate() == Approx(50));
}

TEST_CASE("any rate of aimd makes progress, one start each interval") {
  Aimd::Settings s;
  s.min_rate = s.max_rate = 0.1;
  Bench b(s);
  CHECK(b.law.next_start(b.now, 0).at <= b.now);
  b.start();
  CHECK(b.law.next_start(b.now, 1).at == b.now + 10s);
  CHECK(b.law.next_start(b.now, 1).gate == Gate::interval);
  CHECK(b.law.next_start(b.now, 4).at == never);
}

TEST_CASE("aimd leaves the least interval that was asked for") {
  Bounds bounds = cap(4);
  bounds.min_interval = 1s;
  Aimd::Settings s;
  s.min_rate = 10;
  Aimd law(bounds, s);
  CHECK(law.rate() == Approx(1));
}

TEST_CASE(
    "the pause after a cut of aimd holds up every start, and the later of two pauses counts") {
  Controller::Gates gates;
  gates.law = std::make_unique<Aimd>(cap(4), Aimd::Settings{});  // begins with 2.2 a second
  Controller controller(std::move(gates));
  Attempt a;
  a.id = AttemptId{1};
  controller.on_start(a);
  Attempt b;
  b.id = AttemptId{2};
  controller.on_start(b);
  Outcome overload;
  overload.verdict = Verdict::overload;
  controller.on_end(a, overload, at(10s));
  CHECK(controller.next_start(at(10s), 0, 1).at == at(11s));
  CHECK(controller.next_start(at(10s), 0, 1).gate == Gate::pause);
  overload.retry_after = 30s;
  controller.on_end(b, overload, at(10s));
  CHECK(controller.next_start(at(10s), 0, 1).at == at(40s));
}

TEST_CASE("aimd finds a service's rate and stays near it") {
  Controller::Gates gates;
  Aimd::Settings settings;
  settings.increase_step = 0.5;
  gates.law = std::make_unique<Aimd>(cap(100), settings);
  Recorder seen;
  Scheduler scheduler(Controller(std::move(gates)), Retry({}, 1), seen);
  // A bucket of ten that fills up at ten a second.
  Gcra service({10, 1s}, 10);
  VirtualRun run(
      scheduler,
      [&](const Job&, TimePoint now, int) {
        const bool allowed = service.decide(now, 1).allowed;
        return Response{100ms, allowed ? Verdict::success : Verdict::overload};
      },
      2000);
  REQUIRE(run.run());
  CHECK(seen.count(Fate::done) == 2000);
  CHECK(run.now > at(190s));
  CHECK(run.now < at(400s));
  CHECK(seen.starts.size() < 2000 + 200);
}
