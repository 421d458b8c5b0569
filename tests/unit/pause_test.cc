// The deadline of a pause, and the pause that a person ends.
#include "lib/control/pause.h"

#include "lib/control/fixed.h"
#include "lib/control/scheduler.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// A limit of 2, and retries after a second.
Scheduler scheduler(EventSink& sink) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = 2;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds, 0, 1);
  gates.circuit.consecutive_failures = 0;
  RetrySettings settings;
  settings.backoff = Backoff::fixed;
  return {Controller(std::move(gates)), Retry(settings, 1), sink};
}

void start(Scheduler& s, std::uint64_t id, TimePoint now) {
  Job job;
  job.id = JobId{id};
  s.add(std::move(job), now);
  REQUIRE(std::holds_alternative<Start>(s.next(now)));
}

void refuse(Scheduler& s, std::uint64_t id, TimePoint now, Duration retry_after) {
  Outcome outcome;
  outcome.verdict = Verdict::overload;
  outcome.retry_after = retry_after;
  s.on_end(JobId{id}, now, outcome);
}

TimePoint paused_until(Scheduler& s, TimePoint now) {
  const Step step = s.next(now);
  REQUIRE(std::holds_alternative<Wait>(step));
  CHECK(std::get<Wait>(step).gate == Gate::pause);
  return std::get<Wait>(step).until;
}

}  // namespace

TEST_CASE("without a pause nothing waits") {
  CHECK(Pause().next_start().at <= at(0s));
  CHECK_FALSE(Pause().is_held(at(0s)));
}

TEST_CASE("the deadline only moves forward, and a pause says whether it became longer") {
  Pause pause;
  CHECK(pause.extend(at(10s)));
  CHECK_FALSE(pause.extend(at(5s)));
  CHECK_FALSE(pause.extend(at(10s)));
  CHECK(pause.until() == at(10s));
  CHECK(pause.extend(at(11s)));
  CHECK(pause.next_start().at == at(11s));
  CHECK(pause.next_start().gate == Gate::pause);
}

TEST_CASE("a pause of a person lasts until they end it, and then the deadline still holds") {
  Pause pause;
  pause.extend(at(10s));
  pause.hold(never);
  CHECK(pause.is_held(at(1000s)));
  CHECK(pause.until() == never);
  pause.extend(at(20s));
  pause.release();
  CHECK(pause.until() == at(20s));
}

TEST_CASE("a pause that a person gave an end ends by itself, and is never made shorter") {
  Pause pause;
  pause.hold(at(30s));
  pause.hold(at(10s));
  CHECK(pause.is_held(at(29s)));
  CHECK_FALSE(pause.is_held(at(30s)));
  CHECK(pause.until() == at(30s));
}

TEST_CASE("after Retry-After nothing starts before its time, and something does then") {
  Recorder seen;
  Scheduler s = scheduler(seen);
  start(s, 1, at(0s));
  refuse(s, 1, at(1s), 30s);
  start(s, 1, at(31s));
  CHECK(seen.starts.back().at == at(31s));
}

TEST_CASE("of two Retry-After the later one holds, and a retry that is due waits for it too") {
  Recorder seen;
  Scheduler s = scheduler(seen);
  start(s, 1, at(0s));
  start(s, 2, at(0s));
  refuse(s, 1, at(1s), 30s);
  refuse(s, 2, at(2s), 5s);
  CHECK(paused_until(s, at(2s)) == at(31s));
  CHECK(paused_until(s, at(31s) - 1ns) == at(31s));
  const Step step = s.next(at(31s));
  REQUIRE(std::holds_alternative<Start>(step));
  CHECK(std::get<Start>(step).job.attempts == 2);
}

TEST_CASE("what runs when a pause begins goes on to its end") {
  Recorder seen;
  Scheduler s = scheduler(seen);
  start(s, 1, at(0s));
  start(s, 2, at(0s));
  refuse(s, 1, at(1s), 30s);
  CHECK(s.on_end(JobId{2}, at(2s), {}) == Fate::done);
}
