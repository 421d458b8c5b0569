// Jobs that fail while the circuit is open, in virtual time.
#include "lib/control/fixed.h"
#include "lib/control/progress.h"
#include "lib/control/scheduler.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// A controller whose circuit opens for 10 s after three failures.
Controller controller(int limit, bool refuses = true) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = limit;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds, 0, 1);
  gates.circuit = {3, 10s, 1, refuses};
  return Controller(std::move(gates));
}

Retry no_retries() {
  RetrySettings settings;
  settings.max_attempts = 1;
  return {settings, 1};
}

Job job(std::uint64_t n) {
  Job job;
  job.id = JobId{n};
  return job;
}

/// Starts the job that is next, which must be `n`.
void start(Scheduler& scheduler, std::uint64_t n, Duration when) {
  const Step step = scheduler.next(at(when));
  REQUIRE(std::holds_alternative<Start>(step));
  CHECK(number(std::get<Start>(step).job.id) == n);
}

void end(Scheduler& scheduler, std::uint64_t n, Duration when, Verdict verdict) {
  Outcome outcome;
  outcome.verdict = verdict;
  scheduler.on_end(JobId{n}, at(when), outcome);
}

/// Jobs 1 to 3 fail, which opens the circuit at 1 s.
void open(Scheduler& scheduler) {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    scheduler.add(job(n), at(0s));
    start(scheduler, n, 0s);
  }
  for (std::uint64_t n = 1; n <= 3; ++n) end(scheduler, n, 1s, Verdict::failure);
}

/// Jobs that ended without a start.
class Unattempted : public Recorder {
 public:
  std::vector<std::uint64_t> jobs;
  std::string reason;
  void on_event(const Event& event, TimePoint now) override {
    Recorder::on_event(event, now);
    const auto* e = std::get_if<event::Ended>(&event);
    if (e == nullptr || e->attempted) return;
    jobs.push_back(number(e->job.id));
    reason = e->outcome.reason;
  }
};

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("while the circuit is open each job whose turn comes fails without a start") {
  Unattempted seen;
  Scheduler scheduler(controller(1), no_retries(), seen);
  VirtualRun run(
      scheduler,
      [](const Job&, TimePoint, int) {
        return Response{1s, Verdict::failure};
      },
      20);
  CHECK(run.run());
  CHECK(seen.starts.size() == 3);
  CHECK(seen.count(Fate::failed) == 20);
  CHECK(seen.jobs.size() == 17);
  CHECK(seen.reason == "circuit open");
  CHECK(run.now == at(3s));
}

TEST_CASE("where jobs wait for the circuit none fails for it") {
  Unattempted seen;
  Scheduler scheduler(controller(1, false), no_retries(), seen);
  VirtualRun run(
      scheduler,
      [](const Job&, TimePoint now, int) {
        return Response{1s, now < at(5s) ? Verdict::failure : Verdict::success};
      },
      20);
  CHECK(run.run());
  CHECK(seen.jobs.empty());
  CHECK(seen.count(Fate::done) == 17);
}

TEST_CASE("the circuit is asked when a job would start, not when it is queued") {
  Unattempted seen;
  Scheduler scheduler(controller(4), no_retries(), seen);
  scheduler.add(job(4), at(0s));
  start(scheduler, 4, 0s);
  open(scheduler);
  // Queued while it is open, and still queued when that is over.
  scheduler.add(job(5), at(2s));
  CHECK(seen.jobs.empty());
  start(scheduler, 5, 11s);
  end(scheduler, 5, 12s, Verdict::success);
  CHECK(seen.jobs.empty());
  // Had it been asked in time, it had failed.
  Unattempted asked;
  Scheduler other(controller(4), no_retries(), asked);
  open(other);
  other.add(job(5), at(2s));
  CHECK(asked.jobs.empty());
  other.next(at(2s));
  CHECK(asked.jobs == Numbers{5});
}

TEST_CASE("a job that waits for something else as well has not had its turn") {
  Unattempted seen;
  Scheduler scheduler(controller(3), no_retries(), seen);
  open(scheduler);
  scheduler.set_closed(Gate::pause, true, at(1s));
  scheduler.add(job(4), at(1s));
  scheduler.next(at(2s));
  CHECK(seen.jobs.empty());
  scheduler.set_closed(Gate::pause, false, at(3s));
  scheduler.next(at(3s));
  CHECK(seen.jobs == Numbers{4});
}

TEST_CASE("while a probe is out the others wait for what becomes of it") {
  Unattempted seen;
  Scheduler scheduler(controller(3), no_retries(), seen);
  open(scheduler);
  scheduler.add(job(4), at(11s));
  scheduler.add(job(5), at(11s));
  start(scheduler, 4, 11s);
  CHECK(std::holds_alternative<Wait>(scheduler.next(at(11s))));
  CHECK(seen.jobs.empty());
  end(scheduler, 4, 12s, Verdict::failure);
  scheduler.next(at(12s));
  CHECK(seen.jobs == Numbers{5});
}

TEST_CASE("a retry whose turn comes fails too, and gives its slot back") {
  Unattempted seen;
  RetrySettings settings;
  settings.backoff = Backoff::fixed;
  settings.base_delay = 1s;
  settings.hold_slot = GENERATE(false, true);
  Scheduler scheduler(controller(3), Retry(settings, 1), seen);
  open(scheduler);
  scheduler.close_input();
  CHECK(std::holds_alternative<Wait>(scheduler.next(at(1500ms))));
  CHECK(std::holds_alternative<Done>(scheduler.next(at(2s))));
  CHECK(seen.jobs == Numbers{1, 2, 3});
  CHECK(seen.count(Fate::failed) == 3);
}

TEST_CASE("progress counts jobs that failed for the circuit once, tried before or not") {
  Progress progress(at(0s));
  RetrySettings settings;
  settings.backoff = Backoff::fixed;
  settings.base_delay = 1s;
  Scheduler scheduler(controller(3), Retry(settings, 1), progress);
  open(scheduler);
  CHECK(progress.retrying() == 3);
  scheduler.add(job(4), at(2s));
  scheduler.close_input();
  CHECK(std::holds_alternative<Done>(scheduler.next(at(2s))));
  CHECK(progress.retrying() == 0);
  CHECK(progress.failed() == 4);
  CHECK(progress.seen() == 4);
}
