// Limits that a person changes while the run goes.
#include <algorithm>

#include "lib/control/aimd.h"
#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/hover/hover.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Bounds bounds_of(int initial, int max, int min = 1) {
  Bounds bounds;
  bounds.min_concurrency = min;
  bounds.initial_concurrency = initial;
  bounds.max_concurrency = max;
  bounds.max_interval = 30s;
  return bounds;
}

std::vector<std::unique_ptr<Law>> all_laws(int initial, int max, int min = 1) {
  const Bounds bounds = bounds_of(initial, max, min);
  std::vector<std::unique_ptr<Law>> laws;
  laws.push_back(std::make_unique<Fixed>(bounds, 0, 1));
  laws.push_back(std::make_unique<Classic>(bounds, Classic::Settings{}, 0, 1));
  laws.push_back(std::make_unique<Aimd>(bounds, Aimd::Settings{}));
  laws.push_back(std::make_unique<Hover>(bounds, Hover::Settings{}, 1));
  return laws;
}

/// A scheduler with the law `law`, and what it did.
struct Bench {
  Recorder seen;
  Scheduler scheduler;

  explicit Bench(std::unique_ptr<Law> law, std::optional<Pacer> pacer = {})
      : scheduler(make(std::move(law), std::move(pacer)), Retry({}, 1), seen) {}

  static Controller make(std::unique_ptr<Law> law, std::optional<Pacer> pacer) {
    Controller::Gates gates;
    gates.law = std::move(law);
    gates.pacer = std::move(pacer);
    return Controller(std::move(gates));
  }

  /// The most in flight among starts from `from` on.
  int peak(TimePoint from) const {
    int most = 0;
    for (const Recorder::StartSeen& start : seen.starts) {
      if (start.at >= from) most = std::max(most, start.in_flight);
    }
    return most;
  }
  std::size_t starts(TimePoint from, TimePoint to) const {
    return static_cast<std::size_t>(
        std::count_if(seen.starts.begin(), seen.starts.end(),
                      [&](const auto& start) { return start.at >= from && start.at < to; }));
  }
};

Service takes(Duration time) {
  return [time](const Job&, TimePoint, int) { return Response{time}; };
}

Pacer::Settings per_second(std::uint64_t n, Pacer::Mode mode = Pacer::Mode::drip, Cost burst = 1) {
  return {Rate{n, 1s}, mode, burst, Pacer::Unit::starts};
}

}  // namespace

TEST_CASE("a lower cap holds from then on, whatever the law, and nothing is ended for it") {
  for (auto& law : all_laws(8, 8)) {
    Bench b(std::move(law));
    VirtualRun run(b.scheduler, takes(1s), 200);
    run.plan(at(10s), [&] { b.scheduler.set_max_concurrency(3, {}, run.now); });
    REQUIRE(run.run(at(3600s)));
    CHECK(b.peak(at(11s)) <= 3);
    CHECK_FALSE(run.over_limit);
    CHECK(b.seen.count(Fate::done) == 200);
  }
}

TEST_CASE("a minimum above the new cap comes down to it") {
  for (auto& law : all_laws(8, 8, 6)) {
    Bench b(std::move(law));
    b.scheduler.set_max_concurrency(2, {}, at(0s));
    CHECK(b.scheduler.limit() == 2);
  }
}

TEST_CASE("a higher cap is room that every law but the rate law finds") {
  for (auto& law : all_laws(2, 2)) {
    Bench b(std::move(law));
    VirtualRun run(b.scheduler, takes(1s), 1000);
    run.plan(at(10s), [&] { b.scheduler.set_max_concurrency(20, {}, run.now); });
    REQUIRE(run.run(at(24h)));
    const bool spaced = !b.seen.intervals.empty() && b.seen.intervals.back() > 0s;
    if (!spaced) CHECK(b.peak(at(10s)) == 20);
  }
}

TEST_CASE("hover grows beyond an old cap also where it knows a ceiling") {
  Bench b(std::make_unique<Hover>(bounds_of(4, 8), Hover::Settings{}, 1));
  TimePoint relief = at(30s);
  const Service capped = [&](const Job&, TimePoint now, int active) {
    Response response{500ms};
    if (now < relief && active > 5) response = {10ms, Verdict::overload};
    return response;
  };
  VirtualRun run(b.scheduler, capped, 5000);
  run.plan(at(60s), [&] { b.scheduler.set_max_concurrency(32, {}, run.now); });
  REQUIRE(run.run(at(24h)));
  REQUIRE_FALSE(b.seen.cuts.empty());
  CHECK(b.peak(at(60s)) == 32);
}

TEST_CASE("a rate that is changed holds from then on, in every mode") {
  for (const auto mode : {Pacer::Mode::drip, Pacer::Mode::burst, Pacer::Mode::exact}) {
    Bench b(std::make_unique<Fixed>(bounds_of(1000, 1000), 0, 1),
            Pacer(per_second(10, mode, mode == Pacer::Mode::burst ? 5 : 1)));
    VirtualRun run(b.scheduler, takes(10ms), 1000);
    const auto set = [&](std::uint64_t n) {
      b.scheduler.set_rate(per_second(n, mode), {}, run.now);
    };
    run.plan(at(10s), [&] { set(2); });
    run.plan(at(30s), [&] { set(50); });
    REQUIRE(run.run(at(3600s)));
    const auto slow = b.starts(at(11s), at(30s));
    CHECK(slow >= 36);
    CHECK(slow <= 40);
    const auto quick = b.starts(at(31s), at(41s));
    CHECK(quick >= 495);
    CHECK(quick <= 505);
  }
}

TEST_CASE("a rate that was very low does not hold back once it is changed") {
  Bench b(std::make_unique<Fixed>(bounds_of(10, 10), 0, 1), Pacer({Rate{1, 1h}}));
  VirtualRun run(b.scheduler, takes(10ms), 100);
  run.plan(at(5s), [&] { b.scheduler.set_rate(per_second(10), {}, run.now); });
  REQUIRE(run.run(at(60s)));
  CHECK(b.starts(at(0s), at(5s)) == 1);
  CHECK(b.seen.starts.back().at <= at(16s));
}

TEST_CASE("a bucket that is empty stays so when its rate is changed") {
  Gcra bucket(Rate{10, 1s}, 5);
  bucket.take(at(0s), 5);
  bucket.change(Rate{1, 1s}, 5, at(0s));
  CHECK(bucket.at(1) == at(1s));
  bucket.change(Rate{100, 1s}, 5, at(0s));
  CHECK(bucket.at(1) == at(10ms));
}

TEST_CASE("a rate can come and go while the run does") {
  Bench b(std::make_unique<Fixed>(bounds_of(10, 10), 0, 1));
  VirtualRun run(b.scheduler, takes(100ms), 2000);
  run.plan(at(5s), [&] { b.scheduler.set_rate(per_second(3), {}, run.now); });
  run.plan(at(15s), [&] { b.scheduler.set_rate({}, {}, run.now); });
  REQUIRE(run.run(at(60s)));
  CHECK(b.starts(at(5s), at(15s)) <= 31);
  CHECK(b.starts(at(16s), at(17s)) >= 90);
}

TEST_CASE("a person's pause ends by itself, and the run goes on") {
  Bench b(std::make_unique<Fixed>(bounds_of(10, 10), 0, 1));
  VirtualRun run(b.scheduler, takes(1s), 200);
  run.plan(at(5500ms), [&] { b.scheduler.pause(at(60s), run.now); });
  REQUIRE(run.run(at(3600s)));
  CHECK(b.starts(at(5501ms), at(60s)) == 0);
  CHECK(b.starts(at(60s), at(61s)) == 10);
}

TEST_CASE("jobs in flight are told oldest first, with their slots") {
  Bench b(std::make_unique<Fixed>(bounds_of(3, 3), 0, 1));
  for (std::uint64_t id = 1; id <= 3; ++id) {
    Job job;
    job.id = JobId{id};
    b.scheduler.add(std::move(job), at(0s));
    REQUIRE(std::holds_alternative<Start>(b.scheduler.next(at(1s * static_cast<int>(id)))));
  }
  b.scheduler.on_end(JobId{2}, at(4s), {});
  const auto jobs = b.scheduler.in_flight_jobs();
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].job.id == JobId{1});
  CHECK(jobs[0].started == at(1s));
  CHECK(jobs[1].job.id == JobId{3});
  CHECK(jobs[1].slot == 3);
}
