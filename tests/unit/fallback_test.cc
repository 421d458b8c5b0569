// Jobs that have failed for good, and what their fallbacks make of that.
#include <string>
#include <vector>

#include "lib/control/fixed.h"
#include "lib/control/progress.h"
#include "lib/control/scheduler.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Controller limit(int jobs, CircuitBreaker::Settings circuit = {.consecutive_failures = 0}) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = jobs;
  return Controller({std::make_unique<Fixed>(bounds, 0, 1), circuit});
}

Retry attempts(int most) {
  RetrySettings settings;
  settings.max_attempts = most;
  settings.backoff = Backoff::fixed;
  settings.base_delay = 1s;
  return {settings, 1};
}

Job job(std::uint64_t id) {
  Job made;
  made.id = JobId{id};
  return made;
}

Outcome outcome(Verdict verdict, std::string reason = "why") {
  return {verdict, {}, std::move(reason), {}};
}

/// Keeps what is said of ends, and counts as a status line does.
struct Told : Recorder {
  Progress progress{at(0s)};
  std::vector<std::string> reasons;
  std::vector<bool> by_fallback;
  void on_event(const Event& event, TimePoint now) override {
    Recorder::on_event(event, now);
    progress.on_event(event, now);
    const auto* e = std::get_if<event::Ended>(&event);
    if (e == nullptr) return;
    reasons.push_back(e->outcome.reason);
    by_fallback.push_back(e->by_fallback);
  }
};

/// Starts what may start; returns what is left to do.
Step start_all(Scheduler& scheduler, TimePoint now) {
  for (;;) {
    const Step step = scheduler.next(now);
    if (!std::holds_alternative<Start>(step)) return step;
    scheduler.on_started();
  }
}

}  // namespace

TEST_CASE("while a job waits for its fallback its slot is another's") {
  Told told;
  Scheduler scheduler(limit(1), attempts(1), told);
  scheduler.expect_fallbacks();
  for (const std::uint64_t id : {1U, 2U}) scheduler.add(job(id), at(0s));
  start_all(scheduler, at(0s));
  CHECK(scheduler.on_end(JobId{1}, at(1s), outcome(Verdict::failure)) == Fate::fallback);
  start_all(scheduler, at(1s));
  REQUIRE(told.starts.size() == 2);
  CHECK(told.starts[1].at == at(1s));
  CHECK(told.starts[1].in_flight == 1);
  CHECK(scheduler.running() == 1);
  CHECK(scheduler.falling_back() == 1);
}

TEST_CASE("a run is not over before its last fallback is") {
  const bool draining = GENERATE(false, true);
  Told told;
  Scheduler scheduler(limit(1), attempts(1), told);
  scheduler.expect_fallbacks();
  scheduler.add(job(1), at(0s));
  scheduler.close_input();
  start_all(scheduler, at(0s));
  if (draining) scheduler.drain(at(0s));
  // Also in a drain a job that fails has its fallback.
  CHECK(scheduler.on_end(JobId{1}, at(1s), outcome(Verdict::failure)) == Fate::fallback);
  const Step step = scheduler.next(at(1s));
  REQUIRE(std::holds_alternative<Wait>(step));
  CHECK(std::get<Wait>(step).until == never);
  CHECK(scheduler.on_fallback_end(JobId{1}, at(2s), outcome(Verdict::success), 1s) == Fate::done);
  CHECK(std::holds_alternative<Done>(scheduler.next(at(2s))));
}

TEST_CASE("the fallback decides what becomes of a job, which is told once more") {
  Told told;
  Scheduler scheduler(limit(3), attempts(1), told);
  scheduler.expect_fallbacks();
  for (const std::uint64_t id : {1U, 2U, 3U}) scheduler.add(job(id), at(0s));
  start_all(scheduler, at(0s));
  for (const std::uint64_t id : {1U, 2U, 3U}) {
    scheduler.on_end(JobId{id}, at(1s), outcome(Verdict::failure, "exit 22"));
  }
  CHECK(told.progress.falling_back() == 3);
  CHECK(told.progress.completed() == 0);
  const auto end = [&](std::uint64_t id, Verdict verdict) {
    return scheduler.on_fallback_end(JobId{id}, at(2s), outcome(verdict, "so"), 1s);
  };
  CHECK(end(1, Verdict::success) == Fate::done);
  CHECK(end(2, Verdict::failure) == Fate::failed);
  CHECK(end(3, Verdict::stopped) == Fate::not_done);
  CHECK(told.reasons == std::vector<std::string>{
                            "exit 22", "exit 22", "exit 22", "exit 22 (but its fallback: so)",
                            "exit 22 (and its fallback: so)", "exit 22 (and its fallback: so)"});
  CHECK(told.by_fallback == std::vector<bool>{false, false, false, true, true, true});
  CHECK(told.count(Fate::fallback) == 3);
  const Progress& progress = told.progress;
  CHECK(progress.falling_back() == 0);
  CHECK(progress.succeeded() == 1);
  CHECK(progress.saved() == 1);
  CHECK(progress.failed() == 1);
  CHECK(progress.stopped() == 1);
  CHECK(progress.attempts() == 3);
  CHECK(progress.seen() == 3);
}

TEST_CASE("a job has all its attempts before its fallback") {
  Told told;
  Scheduler scheduler(limit(1), attempts(3), told);
  scheduler.expect_fallbacks();
  scheduler.add(job(1), at(0s));
  for (const Duration now : {0s, 1s, 2s}) {
    start_all(scheduler, at(now));
    const Fate fate = scheduler.on_end(JobId{1}, at(now), outcome(Verdict::failure));
    CHECK(fate == (now == 2s ? Fate::fallback : Fate::retry));
  }
  CHECK(told.starts.size() == 3);
}

TEST_CASE("a job that can never be run has a fallback, and what we stop has none") {
  Told told;
  Scheduler scheduler(limit(2), attempts(3), told);
  scheduler.expect_fallbacks();
  Job unusable = job(1);
  unusable.defect = "too long";
  scheduler.add(std::move(unusable), at(0s));
  CHECK(told.count(Fate::fallback) == 1);
  for (const std::uint64_t id : {2U, 3U}) scheduler.add(job(id), at(0s));
  start_all(scheduler, at(0s));
  CHECK(scheduler.on_end(JobId{2}, at(1s), outcome(Verdict::permanent)) == Fate::fallback);
  CHECK(scheduler.on_end(JobId{3}, at(1s), outcome(Verdict::stopped)) == Fate::not_done);
  CHECK(scheduler.falling_back() == 2);
  scheduler.on_fallback_end(JobId{1}, at(2s), outcome(Verdict::success), 1s);
  scheduler.on_fallback_end(JobId{2}, at(2s), outcome(Verdict::success), 1s);
  CHECK(told.progress.saved() == 2);
  CHECK(told.progress.seen() == 3);
  CHECK(told.progress.retrying() == 0);
}

TEST_CASE("jobs that fail for an open circuit have their fallbacks") {
  Told told;
  Scheduler scheduler(limit(1, {.consecutive_failures = 2, .open_duration = 10s, .refuses = true}),
                      attempts(1), told);
  scheduler.expect_fallbacks();
  for (std::uint64_t id = 1; id <= 5; ++id) scheduler.add(job(id), at(0s));
  for (std::uint64_t id = 1; id <= 2; ++id) {
    start_all(scheduler, at(0s));
    scheduler.on_end(JobId{id}, at(0s), outcome(Verdict::failure));
  }
  start_all(scheduler, at(1s));
  CHECK(told.starts.size() == 2);
  CHECK(told.count(Fate::fallback) == 5);
  CHECK(told.reasons.back() == "circuit open");
  for (std::uint64_t id = 1; id <= 5; ++id) {
    CHECK(scheduler.on_fallback_end(JobId{id}, at(2s), outcome(Verdict::success), 1s) ==
          Fate::done);
  }
  scheduler.close_input();
  CHECK(std::holds_alternative<Done>(scheduler.next(at(2s))));
  CHECK(told.progress.succeeded() == 5);
}

TEST_CASE("where as many jobs wait for their fallbacks as may wait no more input is taken") {
  Told told;
  Scheduler scheduler(limit(1), attempts(1), told);
  scheduler.expect_fallbacks();
  std::uint64_t id = 0;
  while (std::holds_alternative<NeedInput>(start_all(scheduler, at(0s)))) {
    REQUIRE(id < 2 * Scheduler::max_retries);
    scheduler.add(job(++id), at(0s));
    start_all(scheduler, at(0s));
    scheduler.on_end(JobId{id}, at(0s), outcome(Verdict::failure));
  }
  CHECK(id == Scheduler::max_retries);
  scheduler.on_fallback_end(JobId{1}, at(1s), outcome(Verdict::failure), 1s);
  CHECK(std::holds_alternative<NeedInput>(scheduler.next(at(1s))));
}
