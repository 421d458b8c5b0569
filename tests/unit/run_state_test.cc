// How a run stands at one moment, as the scheduler and the counts tell it.
#include "lib/control/run_state.h"

#include "lib/record/run_state_json.h"
#include "tests/unit/catch.h"
#include "tests/unit/control_setup.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// A fixed limit of 2 and retries after 3 s.
Setup two_at_once() {
  Setup setup;
  setup.rule = Rule::fixed;
  setup.jitter = 0;
  setup.bounds.initial_concurrency = setup.bounds.max_concurrency = 2;
  setup.circuit.consecutive_failures = 0;
  setup.retry.backoff = Backoff::fixed;
  setup.retry.base_delay = 3s;
  return setup;
}

Response takes_a_second(const Job&, TimePoint, int) {
  return {1s};
}

}  // namespace

TEST_CASE("the limit is what a run waits for, and nobody knows when it opens") {
  Progress progress(at(0s));
  Scheduler scheduler = two_at_once().scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 5);
  run.run(at(500ms));
  CHECK(scheduler.waiting().gate == Gate::slots);
  CHECK(scheduler.waiting().at == never);
  progress.set_total(5);
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.running == 2);
  CHECK(state.limit == 2);
  CHECK(state.gate == Gate::slots);
  CHECK(state.opens_in == RunState::forever);
  CHECK(state.done() == 0);
  CHECK(state.total == 5u);
  CHECK(state.elapsed == 500ms);
  CHECK(state.phase == RunState::Phase::running);
}

TEST_CASE("the rate is what a run waits for until its next start") {
  Setup setup = two_at_once();
  setup.rate = Pacer::Settings{{1, 4s}};
  Progress progress(at(0s));
  Scheduler scheduler = setup.scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 5);
  run.run(at(1500ms));
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.gate == Gate::rate);
  CHECK(state.opens_in == 2500ms);
  CHECK(state.rate_cap == Approx(0.25));
  CHECK(state.succeeded == 1);
}

TEST_CASE("an interval is told where the law keeps one") {
  Setup setup = two_at_once();
  setup.bounds.min_interval = 2s;
  Progress progress(at(0s));
  Scheduler scheduler = setup.scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 5);
  run.run(at(500ms));
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.interval == 2s);
  CHECK(state.gate == Gate::interval);
  CHECK(state.opens_in == 1500ms);
}

TEST_CASE("where only retries are left the first of them is waited for") {
  Progress progress(at(0s));
  Scheduler scheduler = two_at_once().scheduler(progress);
  const Service fails_first = [](const Job& job, TimePoint, int) {
    return Response{1s, job.attempts == 1 ? Verdict::failure : Verdict::success};
  };
  VirtualRun run(scheduler, fails_first, 1);
  run.run(at(2s));
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.retrying == 1);
  CHECK(state.gate == Gate::retry);
  CHECK(state.opens_in == 2s);
  CHECK(run.run());
  CHECK(scheduler.waiting().gate == Gate::none);
}

TEST_CASE("nothing waits where all that is left runs") {
  Progress progress(at(0s));
  Scheduler scheduler = two_at_once().scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 3);
  run.run(at(1500ms));
  CHECK(scheduler.waiting().gate == Gate::none);
}

TEST_CASE("a gate is told with the time when it opens, not when a retry comes due before") {
  Setup setup = two_at_once();
  setup.retry.base_delay = 1s;
  Progress progress(at(0s));
  Scheduler scheduler = setup.scheduler(progress);
  const Service overloaded = [](const Job&, TimePoint now, int) {
    if (now > at(0s)) return Response{1s};
    return Response{100ms, Verdict::overload, 10s};
  };
  VirtualRun run(scheduler, overloaded, 5);
  run.run(at(500ms));
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.gate == Gate::pause);
  CHECK(state.opens_in == 9600ms);
  CHECK(state.paused);
  CHECK(state.pause_left == 9600ms);
}

TEST_CASE("an open circuit is told with the rest of its time") {
  Setup setup = two_at_once();
  setup.circuit.consecutive_failures = 2;
  setup.circuit.open_duration = 8s;
  Progress progress(at(0s));
  Scheduler scheduler = setup.scheduler(progress);
  const Service fails = [](const Job&, TimePoint, int) { return Response{1s, Verdict::failure}; };
  VirtualRun run(scheduler, fails, 20);
  run.run(at(5s));
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.circuit_open);
  CHECK(state.gate == Gate::circuit);
  CHECK(state.circuit_left > 0s);
  CHECK(state.circuit_left <= 8s);
  CHECK(state.circuit_left == state.opens_in);
}

TEST_CASE("a pause by hand has no end that is known") {
  Progress progress(at(0s));
  Scheduler scheduler = two_at_once().scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 5);
  run.run(at(500ms));
  scheduler.set_closed(Gate::pause, true, run.now);
  const RunState state = state_of(progress, scheduler, run.now);
  CHECK(state.paused);
  CHECK(state.pause_left == RunState::forever);
}

TEST_CASE("draining is seen, and what the engine does beyond it is what it says") {
  Progress progress(at(0s));
  Scheduler scheduler = two_at_once().scheduler(progress);
  VirtualRun run(scheduler, takes_a_second, 5);
  run.run(at(500ms));
  scheduler.drain(run.now);
  using Phase = RunState::Phase;
  CHECK(state_of(progress, scheduler, run.now).phase == Phase::draining);
  CHECK(state_of(progress, scheduler, run.now, Phase::killing).phase == Phase::killing);
}

TEST_CASE("as JSON the state is one line, with null for what is not known") {
  CHECK(
      to_json(RunState{}) ==
      R"({"ok":0,"failed":0,"retrying":0,"falling_back":0,"done":0,"total":null,"running":0,"limit":1,)"
      R"("interval":null,"rate_cap":null,"rate":null,"eta":null,"eta_spread":null,"gate":null,)"
      R"("opens_in":null,"paused":false,"pause_left":null,"circuit_open":false,)"
      R"("circuit_left":null,"phase":"running","elapsed":0.000,"attempts":0,"cuts":0})");
  RunState state;
  state.succeeded = 7;
  state.failed = 2;
  state.retrying = 1;
  state.total = 20;
  state.running = 3;
  state.limit = no_cap;
  state.interval = 250ms;
  state.rate_cap = 1.5;
  state.rate = 2.25;
  state.eta = Progress::Eta{90s, 10s};
  state.gate = Gate::pause;
  state.opens_in = state.pause_left = RunState::forever;
  state.paused = state.circuit_open = true;
  state.circuit_left = 12s;
  state.phase = RunState::Phase::draining;
  state.elapsed = 61s;
  state.attempts = 12;
  state.cuts = 4;
  CHECK(
      to_json(state, "progress") ==
      R"({"t":"progress","ok":7,"failed":2,"retrying":1,"falling_back":0,"done":9,"total":20,"running":3,)"
      R"("limit":null,"interval":0.250,"rate_cap":1.500,"rate":2.250,"eta":90.000,)"
      R"("eta_spread":10.000,"gate":"pause","opens_in":null,"paused":true,"pause_left":null,)"
      R"("circuit_open":true,"circuit_left":12.000,"phase":"draining","elapsed":61.000,)"
      R"("attempts":12,"cuts":4})");
}
