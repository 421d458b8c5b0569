// Starts that are held back from outside, and the jobs that may start all the same.
#include "lib/control/fixed.h"
#include "lib/control/scheduler.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Controller fixed(int limit) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = limit;
  return Controller({std::make_unique<Fixed>(bounds, 0, 1), {.consecutive_failures = 0}});
}

/// Three attempts, a second apart.
Retry thrice() {
  RetrySettings s;
  s.max_attempts = 3;
  s.backoff = Backoff::fixed;
  s.base_delay = 1s;
  return {s, 1};
}

void add_job(Scheduler& scheduler, std::uint64_t id) {
  Job job;
  job.id = JobId{id};
  scheduler.add(std::move(job), at(0s));
}

/// What the scheduler starts at `now`; 0: nothing.
std::uint64_t started(Scheduler& scheduler, TimePoint now) {
  const Step step = scheduler.next(now);
  const auto* start = std::get_if<Start>(&step);
  return start != nullptr ? number(start->job.id) : 0;
}

/// Of so many jobs the first waits for its retry, until 1 s, and 2 and 3 fill the limit of 2.
void close_output_while_1_waits(Scheduler& scheduler, std::uint64_t jobs) {
  for (std::uint64_t id = 1; id <= jobs; ++id) add_job(scheduler, id);
  scheduler.close_input();
  REQUIRE(started(scheduler, at(0s)) == 1);
  REQUIRE(started(scheduler, at(0s)) == 2);
  Outcome failed;
  failed.verdict = Verdict::failure;
  REQUIRE(scheduler.on_end(JobId{1}, at(0s), failed) == Fate::retry);
  REQUIRE(started(scheduler, at(0s)) == 3);
  scheduler.set_closed(Gate::output, true, at(0s));
}

}  // namespace

TEST_CASE("a closed gate stops starts until it is opened, and says so") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry({}, 1), seen);
  add_job(scheduler, 1);
  scheduler.set_closed(Gate::pause, true, at(0s));
  Step step = scheduler.next(at(0s));
  REQUIRE(std::holds_alternative<Wait>(step));
  CHECK(std::get<Wait>(step).gate == Gate::pause);
  scheduler.set_closed(Gate::pause, false, at(9s));
  CHECK(std::holds_alternative<Start>(scheduler.next(at(9s))));
  CHECK(scheduler.waited()[static_cast<std::size_t>(Gate::pause)] == 9s);
}

TEST_CASE("on a busy machine jobs start one at a time, and the wait is counted") {
  const Gate gate = GENERATE(Gate::load, Gate::memory);
  Recorder seen;
  Scheduler scheduler(fixed(8), Retry({}, 1), seen);
  scheduler.set_closed(gate, true, at(0s));
  for (std::uint64_t id = 1; id <= 3; ++id) add_job(scheduler, id);
  CHECK(std::holds_alternative<Start>(scheduler.next(at(0s))));
  const Step wait = scheduler.next(at(0s));
  REQUIRE(std::holds_alternative<Wait>(wait));
  CHECK(std::get<Wait>(wait).gate == gate);
  scheduler.on_end(JobId{1}, at(5s), {});
  CHECK(std::holds_alternative<Start>(scheduler.next(at(5s))));
  CHECK(std::holds_alternative<Wait>(scheduler.next(at(5s))));
  scheduler.set_closed(gate, false, at(7s));
  CHECK(std::holds_alternative<Start>(scheduler.next(at(7s))));
  CHECK(scheduler.waited()[static_cast<std::size_t>(gate)] == 7s);
}

TEST_CASE("attempts that cannot be ended keep their slots, but one job may run beside them") {
  const int limit = GENERATE(1, 2, 3);
  const int stuck = GENERATE(1, 2);
  Recorder seen;
  Scheduler scheduler(fixed(std::max(limit, stuck)), Retry({}, 1), seen);
  for (std::uint64_t id = 1; id <= 9; ++id) add_job(scheduler, id);
  int running = 0;
  const auto start_all = [&] {
    while (std::holds_alternative<Start>(scheduler.next(at(1s)))) ++running;
  };
  start_all();
  CHECK(running == std::max(limit, stuck));
  scheduler.set_unkillable(stuck);
  start_all();
  CHECK(running == std::max(limit, stuck + 1));
}

TEST_CASE("a full limit, not the busy machine, is what jobs wait for") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry({}, 1), seen);
  scheduler.set_closed(Gate::load, true, at(0s));
  add_job(scheduler, 1);
  CHECK(std::holds_alternative<Start>(scheduler.next(at(0s))));
  const Step wait = scheduler.next(at(0s));
  REQUIRE(std::holds_alternative<Wait>(wait));
  CHECK(std::get<Wait>(wait).gate == Gate::slots);
}

TEST_CASE("past a closed output gate only the job that may pass starts, and beyond the limit too") {
  Recorder seen;
  Scheduler scheduler(fixed(2), thrice(), seen);
  close_output_while_1_waits(scheduler, 4);
  CHECK(started(scheduler, at(5s)) == 0);
  scheduler.let_pass(JobId{1}, false);
  CHECK(started(scheduler, at(5s)) == 0);
  scheduler.let_pass(JobId{1}, true);
  CHECK(std::get<Wait>(scheduler.next(at(500ms))).until == at(1s));
  CHECK(started(scheduler, at(1s)) == 1);
  CHECK(started(scheduler, at(9s)) == 0);

  scheduler.on_end(JobId{1}, at(9s), {});
  scheduler.on_end(JobId{2}, at(9s), {});
  CHECK(started(scheduler, at(9s)) == 0);
  scheduler.set_closed(Gate::output, false, at(9s));
  CHECK(started(scheduler, at(9s)) == 4);
}

TEST_CASE("a job that could not be started for want of resources may pass the output gate, too") {
  Recorder seen;
  Scheduler scheduler(fixed(2), thrice(), seen);
  add_job(scheduler, 1);
  add_job(scheduler, 2);
  scheduler.close_input();
  REQUIRE(started(scheduler, at(0s)) == 1);
  scheduler.on_start_failed(JobId{1}, at(0s), 11);
  scheduler.set_closed(Gate::output, true, at(0s));
  scheduler.let_pass(JobId{1}, false);
  CHECK(started(scheduler, at(20s)) == 1);
  CHECK(started(scheduler, at(20s)) == 0);
}

TEST_CASE("a busy machine does not hold the one job back that all others wait for") {
  Recorder seen;
  Scheduler scheduler(fixed(2), thrice(), seen);
  close_output_while_1_waits(scheduler, 3);
  scheduler.set_closed(Gate::load, true, at(0s));
  scheduler.let_pass(JobId{1}, false);
  CHECK(started(scheduler, at(5s)) == 0);
  scheduler.let_pass(JobId{1}, true);
  CHECK(started(scheduler, at(5s)) == 1);
}

TEST_CASE("jobs that could not be started go back in the order of their numbers") {
  Recorder seen;
  Scheduler scheduler(fixed(3), thrice(), seen);
  for (std::uint64_t id = 1; id <= 3; ++id) add_job(scheduler, id);
  scheduler.close_input();
  for (std::uint64_t id = 1; id <= 3; ++id) REQUIRE(started(scheduler, at(0s)) == id);
  for (const std::uint64_t id : {2U, 1U, 3U}) scheduler.on_start_failed(JobId{id}, at(0s), 11);
  scheduler.set_closed(Gate::output, true, at(0s));
  scheduler.let_pass(JobId{1}, false);
  CHECK(started(scheduler, at(60s)) == 1);
  scheduler.set_closed(Gate::output, false, at(60s));
  CHECK(started(scheduler, at(60s)) == 2);
  CHECK(started(scheduler, at(60s)) == 3);
}
