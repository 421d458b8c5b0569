// The rivals of the scoreboard: what each of them does when things go well and when they do not.
#include "tests/bench/rivals/rivals.h"

#include "lib/control/simulation/run.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::bench;
using gentlify::test::at;

namespace {

sim::Result run(const Rival& rival, const sim::Model& model, std::uint64_t jobs) {
  sim::Plan plan;
  plan.jobs = jobs;
  plan.horizon = 1h;
  Controller::Gates gates;
  gates.law = rival.make(plan.most, 1);
  gates.circuit = rivals_circuit;
  return sim::run(model, plan, Controller(std::move(gates)), Retry(rival.retry, 1));
}

/// A law and the attempts that it is told of, each of a new job unless said otherwise.
struct Track {
  Law& law;
  TimePoint now = at(1s);
  std::uint64_t attempts = 0;

  Attempt start(int in_flight = 1, std::uint64_t job = 0) {
    Attempt a;
    a.id = AttemptId{++attempts};
    a.job = JobId{job == 0 ? 1000 + attempts : job};
    a.started = now;
    a.in_flight = in_flight;
    law.on_start(a);
    return a;
  }
  Ruling end(const Attempt& a, Verdict v) {
    Outcome outcome;
    outcome.verdict = v;
    return law.on_end(a, outcome, {}, now);
  }
};

}  // namespace

TEST_CASE("every rival does all jobs of a service without limits and stays within its own") {
  for (const Rival& rival : rivals()) {
    CAPTURE(rival.name);
    const sim::Result result = run(rival, {}, 500);
    CHECK(result.end == sim::Result::End::settled);
    CHECK(result.done == 500);
    CHECK_FALSE(result.over_limit);
    CHECK(result.peak <= 64);
  }
}

TEST_CASE("rivals give up a job that cannot succeed; Vector goes on, and dynamic-api stops") {
  sim::Model broken;
  broken.broken = 1;
  for (const Rival& rival : rivals()) {
    CAPTURE(rival.name);
    const sim::Result result = run(rival, broken, 1);
    const bool gives_up = rival.name != "Vector ARC" && rival.name != "dynamic-api";
    CHECK((result.end == sim::Result::End::settled) == gives_up);
    CHECK((result.attempts <= 5) == (rival.name != "Vector ARC"));
  }
}

TEST_CASE("once overload has been said, rivals that listen take a plain failure for the job's") {
  Reno law(8, 64, 1);
  Track t{law};
  t.end(t.start(), Verdict::failure);
  CHECK(law.limit() == 4);
  t.end(t.start(), Verdict::overload);
  CHECK(law.limit() == 2);
  t.end(t.start(), Verdict::failure);
  CHECK(law.limit() == 2);
}

TEST_CASE("Reno halves its window once for all attempts that were in flight") {
  Reno law(8, 64, 1);
  Track t{law};
  const Attempt first = t.start();
  const Attempt second = t.start();
  t.end(first, Verdict::overload);
  t.end(second, Verdict::overload);
  CHECK(law.limit() == 4);
}

TEST_CASE("Netflix's AIMD takes a tenth for each failure, and adds where half of it was in use") {
  NetflixAimd law(20, 64, 1);
  Track t{law};
  t.end(t.start(), Verdict::failure);
  CHECK(law.limit() == 18);
  t.end(t.start(8), Verdict::success);
  CHECK(law.limit() == 18);
  t.end(t.start(9), Verdict::success);
  CHECK(law.limit() == 19);
}

TEST_CASE("Vector starts with one and adds one per average duration while nothing is refused") {
  VectorArc law(64, 1);
  Track t{law};
  const auto second = [&](Verdict v) {
    const Attempt a = t.start(law.limit());
    t.now += 1s;
    t.end(a, v);
    return law.limit();
  };
  CHECK(second(Verdict::success) == 1);
  CHECK(second(Verdict::success) == 2);
  CHECK(second(Verdict::success) == 3);
  CHECK(second(Verdict::failure) == 2);
}

TEST_CASE("parallel's delay grows by 30 percent at a failure and shrinks by 10 at a success") {
  ParallelDelay law(4, 100ms, 3, 1);
  Track t{law};
  const Attempt a = t.start();
  CHECK(law.next_start(t.now, 1).at == t.now + 100ms);
  t.end(a, Verdict::failure);
  CHECK(law.next_start(t.now, 1).at == t.now + 130ms);
  t.end(t.start(), Verdict::success);
  CHECK(law.next_start(t.now, 1).at == t.now + 117ms);
}

TEST_CASE("AWS's bucket is off until the first refusal and paces from then on") {
  AwsAdaptive law(64, 1);
  Track t{law};
  CHECK(law.next_start(t.now, 10).at == t.now);
  t.end(t.start(), Verdict::overload);
  t.start();
  CHECK(law.next_start(t.now, 10).at > t.now);
}

TEST_CASE("dynamic-api stops for good below half a start a second, as published") {
  DynamicApi law(64, 1);
  Track t{law};
  for (int i = 0; i < 6; ++i) t.end(t.start(), Verdict::overload);
  t.now += 1h;
  CHECK(law.next_start(t.now, 0).at > t.now);
}

TEST_CASE("the seed's permits are taken before the wait, and its retries need no other") {
  SeedGentlify law(1);
  Track t{law};
  CHECK(law.next_start(t.now, 0).at < t.now + 100ms);
  t.now = law.next_start(t.now, 0).at;
  Attempt a = t.start();
  const Ruling ruling = t.end(a, Verdict::failure);
  REQUIRE(ruling.delay);
  CHECK_FALSE(ruling.give_up);
  t.now += *ruling.delay;
  CHECK(law.next_start(t.now, 0).at <= t.now);
  CHECK(law.next_start(t.now, 5).at == t.now);
}
