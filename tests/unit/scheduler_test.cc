// The scheduler against modelled services, in virtual time.
#include "lib/control/scheduler.h"

#include <set>

#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/progress.h"
#include "tests/unit/catch.h"
#include "tests/unit/control_setup.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Bounds bounds(int initial, int max) {
  Bounds b;
  b.initial_concurrency = initial;
  b.max_concurrency = max;
  b.max_interval = 30s;
  return b;
}

Controller fixed(int limit) {
  return Controller(
      {std::make_unique<Fixed>(bounds(limit, limit), 0, 1), {.consecutive_failures = 0}});
}
Controller classic(int initial, int max) {
  return Controller({std::make_unique<Classic>(bounds(initial, max), Classic::Settings{}, 0.5, 1),
                     {.consecutive_failures = 0}});
}

RetrySettings retries(int max_attempts, Duration base = 1s) {
  RetrySettings s;
  s.max_attempts = max_attempts;
  s.backoff = Backoff::fixed;
  s.base_delay = base;
  return s;
}

Service always(Duration takes, Verdict verdict = Verdict::success) {
  return [=](const Job&, TimePoint, int) { return Response{takes, verdict}; };
}

void add_job_1(Scheduler& scheduler) {
  Job job;
  job.id = JobId{1};
  scheduler.add(std::move(job), at(0s));
}

/// Each attempt takes a second, and all but one succeed.
Service first_try_of_job_1_fails() {
  return [](const Job& job, TimePoint, int) {
    const bool fails = number(job.id) == 1 && job.attempts == 1;
    return Response{1s, fails ? Verdict::failure : Verdict::success};
  };
}

}  // namespace

TEST_CASE("every job runs once, in order, never more at once than the limit") {
  Recorder seen;
  Scheduler scheduler(fixed(3), Retry({}, 1), seen);
  VirtualRun run(scheduler, always(1s), 10);
  CHECK(run.run());
  CHECK(seen.count(Fate::done) == 10);
  CHECK(run.peak == 3);
  CHECK_FALSE(run.over_limit);
  CHECK(run.now == at(4s));
  for (std::size_t i = 0; i < 10; ++i) CHECK(seen.starts[i].job == i + 1);
}

TEST_CASE("slots are numbered from one and the lowest free one is taken") {
  Recorder seen;
  Scheduler scheduler(fixed(3), Retry({}, 1), seen);
  VirtualRun run(scheduler, always(1s), 9);
  run.run();
  std::set<int> slots;
  for (const auto& s : seen.starts) slots.insert(s.slot);
  CHECK(slots == std::set<int>{1, 2, 3});
}

TEST_CASE("a job that fails is run again after its backoff, and given up after its attempts") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry(retries(3, 5s), 1), seen);
  VirtualRun run(scheduler, always(1s, Verdict::failure), 1);
  CHECK(run.run());
  REQUIRE(seen.starts.size() == 3);
  CHECK(seen.starts[1].at == at(6s));
  CHECK(seen.starts[2].at == at(12s));
  CHECK(seen.starts[2].attempt == 3);
  CHECK(seen.count(Fate::retry) == 2);
  CHECK(seen.count(Fate::failed) == 1);
}

TEST_CASE("a retry waits outside the slot: others use it meanwhile") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry(retries(2, 10s), 1), seen);
  VirtualRun run(scheduler, first_try_of_job_1_fails(), 5);
  CHECK(run.run());
  CHECK(seen.starts[1].job == 2);
  CHECK(seen.starts.back().job == 1);
  CHECK(run.now == at(12s));
}

TEST_CASE("with slot hold the waiting job keeps its slot") {
  Recorder seen;
  RetrySettings settings = retries(2, 10s);
  settings.hold_slot = true;
  Scheduler scheduler(fixed(1), Retry(settings, 1), seen);
  VirtualRun run(scheduler, first_try_of_job_1_fails(), 3);
  CHECK(run.run());
  CHECK(seen.starts[1].job == 1);
  CHECK(seen.starts[1].at == at(11s));
  CHECK(seen.starts[1].slot == 1);
}

TEST_CASE("a retry that is due goes before fresh jobs, and asks every gate again") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry(retries(2, 500ms), 1), seen);
  VirtualRun run(scheduler, first_try_of_job_1_fails(), 3);
  CHECK(run.run());
  CHECK(seen.starts[1].job == 2);  // the backoff was not over
  CHECK(seen.starts[2].job == 1);  // due, but the slot was taken until now
  CHECK(seen.starts[2].at == at(2s));
}

TEST_CASE("after a cut nothing starts until fewer run than the new limit") {
  Recorder seen;
  Scheduler scheduler(classic(8, 8), Retry(retries(3), 1), seen);
  bool refused = false;
  VirtualRun run(
      scheduler,
      [&](const Job&, TimePoint, int active) {
        if (active == 8 && !refused) {
          refused = true;
          return Response{100ms, Verdict::overload};
        }
        return Response{2s, Verdict::success};
      },
      40);
  CHECK(run.run());
  REQUIRE(seen.cuts.size() == 1);
  CHECK(seen.cuts[0] == std::pair{8, 4});
  CHECK_FALSE(run.over_limit);
  for (const auto& s : seen.starts) {
    if (s.at > at(100ms)) CHECK(s.in_flight <= 4);
  }
  CHECK(seen.count(Fate::done) == 40);
}

TEST_CASE("400 jobs against a service that refuses above 5 at once: few refusals, none lost") {
  Recorder seen;
  RetrySettings settings;
  Scheduler scheduler(classic(8, 64), Retry(settings, 1), seen);
  int refused = 0;
  VirtualRun run(
      scheduler,
      [&](const Job&, TimePoint, int active) {
        if (active <= 5) return Response{50ms, Verdict::success};
        ++refused;
        return Response{5ms, Verdict::overload};
      },
      400);
  CHECK(run.run());
  CHECK(seen.count(Fate::done) == 400);
  CHECK(refused <= 40);
  CHECK_FALSE(run.over_limit);
}

TEST_CASE("overload is retried also where failures are not") {
  Recorder seen;
  Scheduler scheduler(fixed(2), Retry(retries(1), 1), seen);
  VirtualRun run(
      scheduler,
      [](const Job& job, TimePoint, int) {
        return Response{1s, job.attempts < 4 ? Verdict::overload : Verdict::success};
      },
      2);
  CHECK(run.run());
  CHECK(seen.count(Fate::done) == 2);
}

TEST_CASE("a failure that is the service's uses up a job's own attempts where it has no others") {
  class Forgiving : public Fixed {
   public:
    using Fixed::Fixed;
    Ruling on_end(const Attempt&, const Outcome& outcome, CircuitMove, TimePoint) override {
      Ruling ruling;
      if (outcome.verdict == Verdict::failure) ruling.account = Account::service;
      return ruling;
    }
  };
  Controller::Gates gates;
  gates.law = std::make_unique<Forgiving>(Bounds{1, 1, 1, {}, {}}, 0.0, 1);
  gates.circuit.consecutive_failures = 0;
  RetrySettings retry;
  retry.max_attempts = 3;
  retry.overload = 1;
  struct : EventSink {
    void on_event(const Event&, TimePoint) override {}
  } nobody;
  Scheduler scheduler(Controller(std::move(gates)), Retry(retry, 1), nobody);
  Job job;
  job.id = JobId{1};
  scheduler.add(job, at(0s));
  scheduler.close_input();
  Outcome outcome;
  outcome.verdict = Verdict::failure;
  TimePoint now = at(0s);
  for (int attempt = 1; attempt <= 4; ++attempt) {
    REQUIRE(std::holds_alternative<Start>(scheduler.next(now)));
    CHECK(scheduler.on_end(JobId{1}, now, outcome) == (attempt < 4 ? Fate::retry : Fate::failed));
    now += 1h;
  }
}

TEST_CASE("permanent failures are not retried and the law does not hear of them") {
  Recorder seen;
  Scheduler scheduler(classic(4, 4), Retry(retries(3), 1), seen);
  VirtualRun run(scheduler, always(1s, Verdict::permanent), 50);
  CHECK(run.run());
  CHECK(seen.count(Fate::failed) == 50);
  CHECK(seen.starts.size() == 50);
  CHECK(seen.cuts.empty());
}

TEST_CASE("a drain starts nothing, lets what runs finish and drops what waits for its retry") {
  Recorder seen;
  Scheduler scheduler(fixed(2), Retry(retries(3, 60s), 1), seen);
  VirtualRun run(
      scheduler,
      [](const Job& job, TimePoint, int) {
        return number(job.id) == 1 ? Response{1s, Verdict::failure}
                                   : Response{10s, Verdict::success};
      },
      20);
  CHECK_FALSE(run.run(at(5s)));
  scheduler.drain(run.now);
  const std::size_t started = seen.starts.size();
  CHECK(run.run());
  CHECK(seen.starts.size() == started);
  CHECK(seen.dropped == std::vector<std::uint64_t>{1});
  CHECK(seen.count(Fate::done) == 2);
}

TEST_CASE("what fails while draining is not done rather than failed, if it had attempts left") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry(retries(3), 1), seen);
  VirtualRun run(scheduler, always(10s, Verdict::failure), 5);
  run.run(at(5s));
  scheduler.drain(run.now);
  CHECK(run.run());
  CHECK(seen.count(Fate::not_done) == 1);
  CHECK(seen.count(Fate::failed) == 0);
}

TEST_CASE("a start that failed for want of resources spends no attempt and loses no job") {
  Recorder seen;
  Scheduler scheduler(fixed(4), Retry({}, 1), seen);
  add_job_1(scheduler);
  const Step first = scheduler.next(at(0s));
  REQUIRE(std::holds_alternative<Start>(first));
  scheduler.on_start_failed(JobId{1}, at(0s), 11);
  const Step wait = scheduler.next(at(0s));
  REQUIRE(std::holds_alternative<Wait>(wait));
  CHECK(std::get<Wait>(wait).gate == Gate::local);
  const Step again = scheduler.next(at(100ms));
  REQUIRE(std::holds_alternative<Start>(again));
  CHECK(std::get<Start>(again).job.attempts == 1);
}

TEST_CASE("a job that is withdrawn before its start or its retry is as good as never added") {
  Progress progress(at(0s));
  Scheduler scheduler(fixed(1), Retry(retries(3), 1), progress);
  const bool tried = GENERATE(false, true);
  add_job_1(scheduler);
  if (tried) {
    REQUIRE(std::holds_alternative<Start>(scheduler.next(at(0s))));
    CHECK_FALSE(scheduler.withdraw(JobId{1}, at(0s)));  // it runs
    Outcome outcome;
    outcome.verdict = Verdict::failure;
    REQUIRE(scheduler.on_end(JobId{1}, at(0s), outcome) == Fate::retry);
  }
  CHECK_FALSE(scheduler.withdraw(JobId{2}, at(0s)));
  CHECK(scheduler.withdraw(JobId{1}, at(0s)));
  CHECK(std::holds_alternative<NeedInput>(scheduler.next(at(10s))));
  CHECK(scheduler.in_flight() == 0);
  scheduler.close_input();
  CHECK(std::holds_alternative<Done>(scheduler.next(at(10s))));
  CHECK(progress.seen() == 0);
  CHECK(progress.retrying() == 0);
  CHECK(progress.stopped() == 0);
}

TEST_CASE("where nothing can be started for 30 seconds it is hopeless, until something can") {
  Recorder seen;
  Scheduler scheduler(fixed(4), Retry({}, 1), seen);
  add_job_1(scheduler);
  TimePoint now = at(0s);
  for (; now <= at(30s); now += 100ms) {
    CHECK(scheduler.hopeless(now) == (now == at(30s)));
    REQUIRE(std::holds_alternative<Start>(scheduler.next(now)));
    scheduler.on_start_failed(JobId{1}, now, 11);
  }
  CHECK(scheduler.hopeless(now));
  REQUIRE(std::holds_alternative<Start>(scheduler.next(now)));
  scheduler.on_started();
  CHECK_FALSE(scheduler.hopeless(now));
}

TEST_CASE("with ten thousand jobs waiting for their retry no more input is taken") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry(retries(2, 1h), 1), seen);
  VirtualRun run(scheduler, always(1ms, Verdict::failure), 20'000);
  CHECK_FALSE(run.run(at(30min)));
  CHECK(seen.starts.size() == Scheduler::max_retries);
  CHECK(run.run());
  CHECK(seen.count(Fate::failed) == 20'000);
}

TEST_CASE("an item that cannot be run fails alone, without a start") {
  Recorder seen;
  Scheduler scheduler(fixed(1), Retry({}, 1), seen);
  Job job;
  job.id = JobId{1};
  job.defect = "it holds a NUL byte";
  scheduler.add(job, at(0s));
  CHECK(seen.starts.empty());
  CHECK(seen.count(Fate::failed) == 1);
  CHECK(std::holds_alternative<NeedInput>(scheduler.next(at(0s))));
}

TEST_CASE("a run whose input has ended does not wait for a closed gate") {
  Recorder seen;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds(1, 1), 0, 1);
  gates.pacer = Pacer({{1, 1h}, Pacer::Mode::drip, 1, Pacer::Unit::starts});
  Scheduler scheduler(Controller(std::move(gates)), Retry({}, 1), seen);
  VirtualRun run(scheduler, always(1s), 1);
  CHECK(run.run());
  CHECK(run.now == at(1s));
}

TEST_CASE("the same seed and inputs give the same run") {
  const auto trace = [] {
    Recorder seen;
    Scheduler scheduler(classic(8, 32), Retry(RetrySettings{}, 42), seen);
    Random chance(7);
    VirtualRun run(
        scheduler,
        [&](const Job&, TimePoint, int active) {
          const bool refused = active > 12 || chance.uniform(0, 1) < 0.02;
          return Response{from_seconds(chance.uniform(0.1, 2)),
                          refused ? Verdict::failure : Verdict::success};
        },
        500);
    run.run();
    CHECK_FALSE(run.over_limit);
    std::vector<std::pair<std::uint64_t, Duration>> starts;
    for (const auto& s : seen.starts) starts.emplace_back(s.job, s.at - TimePoint{});
    return starts;
  };
  CHECK(trace() == trace());
}

TEST_CASE("whatever the service does, the limit holds, nothing stalls and every job is settled") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random chance(seed);
    Recorder seen;
    const int max = 1 + static_cast<int>(chance.next() % 40);
    const int initial = 1 + static_cast<int>(chance.next() % static_cast<unsigned>(max));
    RetrySettings settings;
    settings.max_attempts = 1 + static_cast<int>(chance.next() % 4);
    settings.overload = static_cast<int>(chance.next() % 5);
    settings.hold_slot = chance.next() % 2 == 0;
    Scheduler scheduler(classic(initial, max), Retry(settings, seed), seen);
    const std::uint64_t jobs = chance.next() % 120;
    VirtualRun run(
        scheduler,
        [&](const Job&, TimePoint, int) {
          constexpr Verdict verdicts[] = {Verdict::success, Verdict::failure, Verdict::overload,
                                          Verdict::permanent};
          return Response{from_seconds(chance.uniform(0, 3)), verdicts[chance.next() % 4]};
        },
        jobs);
    INFO("seed " << seed);
    CHECK(run.run());
    CHECK_FALSE(run.over_limit);
    CHECK(run.peak <= max);
    CHECK(seen.count(Fate::done) + seen.count(Fate::failed) == jobs);
  }
}

TEST_CASE("an attempt tells what it waited for, be it a delay or the input") {
  struct Gates : EventSink {
    std::vector<std::pair<Gate, Duration>> seen;
    void on_event(const Event& event, TimePoint) override {
      if (const auto* e = std::get_if<event::Ended>(&event)) seen.emplace_back(e->gate, e->waited);
    }
  } gates;
  Bounds bounds;
  Controller::Gates parts;
  parts.law = std::make_unique<Fixed>(bounds, 0, 1);
  parts.circuit.consecutive_failures = 0;
  RetrySettings retry;
  retry.backoff = Backoff::fixed;
  Scheduler scheduler(Controller(std::move(parts)), Retry(retry, 1), gates);
  REQUIRE(std::holds_alternative<NeedInput>(scheduler.next(at(0s))));
  Job job;
  job.id = JobId{1};
  scheduler.add(std::move(job), at(5s));
  scheduler.close_input();
  REQUIRE(std::holds_alternative<Start>(scheduler.next(at(5s))));
  Outcome failed;
  failed.verdict = Verdict::failure;
  REQUIRE(scheduler.on_end(JobId{1}, at(6s), failed) == Fate::retry);
  REQUIRE(std::holds_alternative<Wait>(scheduler.next(at(6s))));
  REQUIRE(std::holds_alternative<Start>(scheduler.next(at(7s))));
  scheduler.on_end(JobId{1}, at(8s), {});
  CHECK(gates.seen == std::vector<std::pair<Gate, Duration>>{{Gate::input, 5s}, {Gate::retry, 1s}});
}

TEST_CASE("a job that was stopped for now runs again at once, and no attempt is spent") {
  Recorder seen;
  Setup setup;
  setup.rule = Rule::fixed;
  setup.retry.max_attempts = 1;
  Progress progress(at(0s));
  Tee both(seen, progress);
  Scheduler scheduler = setup.scheduler(both);
  Job job;
  job.id = JobId{1};
  scheduler.add(std::move(job), at(0s));
  scheduler.close_input();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(std::holds_alternative<Start>(scheduler.next(at(2s))));
    Outcome stopped;
    stopped.verdict = Verdict::stopped;
    stopped.again = true;
    CHECK(scheduler.on_end(JobId{1}, at(2s), stopped) == Fate::retry);
    CHECK(progress.seen() == 0);
  }
  REQUIRE(std::holds_alternative<Start>(scheduler.next(at(3s))));
  Outcome failed;
  failed.verdict = Verdict::failure;
  CHECK(scheduler.on_end(JobId{1}, at(4s), failed) == Fate::failed);
  CHECK(std::holds_alternative<Done>(scheduler.next(at(4s))));
  CHECK(progress.seen() == 1);
  CHECK(progress.failed() == 1);
  CHECK(progress.retrying() == 0);
}
