// Counts and rate; for the time that is left see eta_test.cc.
#include "lib/control/progress.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// An attempt that has run for `ran`, alone.
void complete(Progress& progress, std::uint64_t id, TimePoint now, Fate fate = Fate::done,
              int attempts = 1, Duration ran = 1s) {
  Job job;
  job.id = JobId{id};
  job.attempts = attempts;
  const Outcome outcome;
  progress.on_event(event::Started{job, 1, 1, 1, {}, {}, Gate::slots}, now - ran);
  progress.on_event(event::Ended{job, outcome, ran, fate, 0}, now);
}

}  // namespace

TEST_CASE("there is no estimate before there is data, or without a total") {
  Progress progress(at(0s));
  CHECK_FALSE(progress.eta(at(1s)));
  for (std::uint64_t i = 1; i <= 10; ++i) complete(progress, i, at(i * 1s));
  CHECK_FALSE(progress.eta(at(10s)));
  progress.set_total(20);
  CHECK(progress.eta(at(10s)));
}

TEST_CASE("a pause does not count: afterwards the estimate is what it was before") {
  Progress progress(at(0s));
  progress.set_total(100);
  for (std::uint64_t i = 1; i <= 50; ++i) complete(progress, i, at(i * 1s));
  progress.on_event(event::Paused{true}, at(50s));
  CHECK(progress.eta(at(1000s))->left == 50s);
  CHECK(progress.rate(at(1000s)) == Approx(1));
  progress.on_event(event::Paused{false}, at(1000s));
  CHECK(progress.eta(at(1000s))->left == 50s);
  CHECK(progress.rate(at(1000s)) == Approx(1));
}

TEST_CASE("jobs that failed for good count as completed, those that will run again do not") {
  Progress progress(at(0s));
  complete(progress, 1, at(1s));
  complete(progress, 2, at(2s), Fate::failed);
  complete(progress, 3, at(3s), Fate::retry);
  CHECK(progress.succeeded() == 1);
  CHECK(progress.failed() == 1);
  CHECK(progress.completed() == 2);
  CHECK(progress.retrying() == 1);
  complete(progress, 3, at(4s), Fate::done, 2);
  CHECK(progress.retrying() == 0);
  CHECK(progress.completed() == 3);
  CHECK(progress.repeated() == 1);
  CHECK(progress.attempts() == 4);
  CHECK(progress.seen() == 3);
}

TEST_CASE("an erratic load has a wider spread than a steady one") {
  Progress steady(at(0s));
  Progress erratic(at(0s));
  steady.set_total(100);
  erratic.set_total(100);
  TimePoint now = at(0s);
  for (std::uint64_t i = 1; i <= 50; ++i) {
    complete(steady, i, at(i * 10s), Fate::done, 1, 10s);
    const Duration ran = i % 10 == 0 ? 91s : 1s;
    complete(erratic, i, now += ran, Fate::done, 1, ran);
  }
  CHECK(steady.eta(at(500s))->spread < 60s);
  CHECK(erratic.eta(now)->spread > 200s);
}

TEST_CASE("a start that could not be made is taken back from the counts") {
  Progress progress(at(0s));
  Job job;
  job.id = JobId{1};
  job.attempts = 1;
  progress.on_event(event::Started{job, 1, 1}, at(0s));
  job.attempts = 0;
  progress.on_event(event::Starved{job, 11, 1}, at(0s));
  CHECK(progress.attempts() == 0);
  CHECK(progress.seen() == 0);
  CHECK(progress.in_flight() == 0);
}
