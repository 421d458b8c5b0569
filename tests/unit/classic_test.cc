// The classic law, rule by rule.
#include "lib/control/classic.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// A law and the attempts that it is told of, each of a new job unless said otherwise.
struct Bench {
  Bounds bounds;
  Classic::Settings settings;
  Classic law;
  std::uint64_t attempts = 0;
  TimePoint now = at(1s);

  static Bounds make_bounds(int initial, int max) {
    Bounds b;
    b.initial_concurrency = initial;
    b.max_concurrency = max;
    b.max_interval = 30s;
    return b;
  }
  explicit Bench(int initial, int max)
      : bounds(make_bounds(initial, max)), law(bounds, settings, 0, 1) {}

  Attempt start(std::uint64_t job = 0, bool repeat = false) {
    Attempt a;
    a.id = AttemptId{++attempts};
    a.job = JobId{job == 0 ? 1000 + attempts : job};
    a.started = now;
    a.repeat = repeat;
    a.filled_limit = true;
    law.on_start(a);
    return a;
  }
  std::optional<Adjustment> end(const Attempt& a, Verdict v) {
    Outcome outcome;
    outcome.verdict = v;
    return law.on_end(a, outcome, {}, now).moved;
  }
  std::optional<Adjustment> one(Verdict v) { return end(start(), v); }
};

}  // namespace

TEST_CASE("classic feels its way up: each success that filled the limit raises it by one to max") {
  Bench b(2, 4);
  CHECK(b.law.limit() == 2);
  b.one(Verdict::success);
  CHECK(b.law.limit() == 3);
  Attempt idle = b.start();
  idle.filled_limit = false;
  b.end(idle, Verdict::success);
  CHECK(b.law.limit() == 3);
  for (int i = 0; i < 5; ++i) b.one(Verdict::success);
  CHECK(b.law.limit() == 4);
}

TEST_CASE("classic halves the limit and spaces starts out when overload is said once") {
  Bench b(16, 16);
  const auto moved = b.one(Verdict::overload);
  REQUIRE(moved);
  CHECK(moved->kind == event::Adjusted::Kind::cut);
  CHECK(moved->limit_before == 16);
  CHECK(b.law.limit() == 8);
  CHECK(moved->interval == 2ms);
}

TEST_CASE("classic cuts at the third first failure within a minute, not at the second") {
  Bench b(16, 16);
  CHECK_FALSE(b.one(Verdict::failure));
  CHECK_FALSE(b.one(Verdict::failure));
  CHECK(b.law.limit() == 16);
  CHECK(b.one(Verdict::failure));
  CHECK(b.law.limit() == 8);
}

TEST_CASE("classic forgets failures that are older than the window") {
  Bench b(16, 16);
  b.one(Verdict::failure);
  b.one(Verdict::failure);
  b.now += 61s;
  CHECK_FALSE(b.one(Verdict::failure));
  CHECK(b.law.limit() == 16);
}

TEST_CASE("classic makes one cut a generation: attempts started before it are stale") {
  Bench b(16, 16);
  std::vector<Attempt> burst;
  for (int i = 0; i < 16; ++i) burst.push_back(b.start());
  int cuts = 0;
  for (const Attempt& a : burst) cuts += b.end(a, Verdict::overload).has_value();
  CHECK(cuts == 1);
  CHECK(b.law.limit() == 8);
  CHECK(b.one(Verdict::overload));
  CHECK(b.law.limit() == 4);
}

TEST_CASE("a job that fails again strikes its own first failure: it was the job") {
  Bench b(16, 16);
  b.end(b.start(1), Verdict::failure);
  b.end(b.start(2), Verdict::failure);
  b.end(b.start(1, true), Verdict::failure);
  CHECK_FALSE(b.end(b.start(3), Verdict::failure));
  CHECK(b.law.limit() == 16);
}

TEST_CASE("once overload has been said, plain failures are just failures") {
  Bench b(16, 16);
  b.one(Verdict::overload);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(b.one(Verdict::failure));
  CHECK(b.law.limit() == 8);
}

TEST_CASE("classic comes back one step a cooling period, up to the limit before the cut") {
  Bench b(8, 16);
  b.one(Verdict::overload);
  REQUIRE(b.law.limit() == 4);
  b.now += 59s;
  CHECK_FALSE(b.one(Verdict::success));
  b.now += 1s;
  CHECK(b.one(Verdict::success));
  CHECK(b.law.limit() == 5);
  CHECK_FALSE(b.one(Verdict::success));
  for (int i = 0; i < 3; ++i) {
    b.now += 60s;
    b.one(Verdict::success);
  }
  CHECK(b.law.limit() == 8);
}

TEST_CASE("after five quiet cooling periods classic goes on to max") {
  Bench b(8, 10);
  b.one(Verdict::overload);
  for (int i = 0; i < 20; ++i) {
    b.now += 60s;
    b.one(Verdict::success);
  }
  CHECK(b.law.limit() == 10);
}

TEST_CASE("the interval doubles at each cut up to its maximum and goes back to its minimum") {
  Bench b(16, 16);
  Duration interval{};
  for (int i = 0; i < 20; ++i) interval = b.one(Verdict::overload)->interval;
  CHECK(interval == 30s);
  CHECK(b.law.limit() == 1);
  for (int i = 0; i < 40; ++i) {
    b.now += 60s;
    if (const auto moved = b.one(Verdict::success)) interval = moved->interval;
  }
  CHECK(interval == 0s);
}

TEST_CASE("the limit never goes below min_concurrency") {
  Bounds bounds = Bench::make_bounds(8, 8);
  bounds.min_concurrency = 3;
  Classic law(bounds, {}, 0, 1);
  for (std::uint64_t i = 1; i < 6; ++i) {
    Attempt a;
    a.id = AttemptId{i};
    law.on_start(a);
    Outcome overload;
    overload.verdict = Verdict::overload;
    law.on_end(a, overload, {}, at(1s));
  }
  CHECK(law.limit() == 3);
}

TEST_CASE("starts are an interval apart, and a random half of it more") {
  Bounds bounds = Bench::make_bounds(8, 8);
  bounds.min_interval = 100ms;
  Classic law(bounds, {}, 0.5, 7);
  Duration least = 1h;
  Duration most{};
  TimePoint now = at(1s);
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Attempt a;
    a.id = AttemptId{i};
    a.started = now;
    law.on_start(a);
    const Admission next = law.next_start(now, 1);
    CHECK(next.gate == Gate::interval);
    least = std::min(least, next.at - now);
    most = std::max(most, next.at - now);
    now = next.at;
  }
  CHECK(least >= 100ms);
  CHECK(least < 110ms);
  CHECK(most <= 150ms);
  CHECK(most > 140ms);
}
