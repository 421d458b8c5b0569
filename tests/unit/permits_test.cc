// What a fleet allows, as the scheduler sees it.
#include "lib/control/permits.h"

#include "lib/control/controller.h"
#include "lib/control/fixed.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

TimePoint at(Duration d) {
  return TimePoint(1h + d);
}

Permits unmetered(int slots) {
  Permits permits({});
  permits.set_slots(slots);
  permits.set_fence(at(10s));
  permits.release();
  return permits;
}

Permits by_rate() {
  Permits::Limits limits;
  limits.rate = Pacer::Settings{Rate{10, 1s}};
  Permits permits(limits);
  permits.set_slots(100);
  permits.set_fence(at(10s));
  permits.release();
  return permits;
}

bool may_start(Permits& permits, TimePoint now, int in_flight = 0, Cost cost = 1) {
  return permits.next_start(now, in_flight, cost).at <= now;
}

}  // namespace

TEST_CASE("who does not know which jobs are its starts none, alone or not") {
  Permits permits = unmetered(2);
  if (GENERATE(false, true)) permits.go_alone(2, {});
  permits.set_unsure(true);
  CHECK_FALSE(may_start(permits, at(0s)));
  permits.set_unsure(false);
  CHECK(may_start(permits, at(0s)));
}

TEST_CASE("before the fleet has answered nothing starts") {
  Permits permits({});
  CHECK(permits.next_start(at(0s), 0, 1).at == never);
  CHECK(permits.next_start(at(0s), 0, 1).gate == Gate::fleet);
}

TEST_CASE("no more are in flight than the fleet has given places, and none after the fence") {
  Permits permits = unmetered(2);
  CHECK(may_start(permits, at(0s), 1));
  CHECK_FALSE(may_start(permits, at(0s), 2));
  CHECK(may_start(permits, at(10s) - 1ns, 0));
  CHECK_FALSE(may_start(permits, at(10s), 0));
}

TEST_CASE("the fence does not wait for a run that is stopped") {
  Permits permits = unmetered(2);
  permits.set_stopped(4s);  // by the run's own clock it is 4 s earlier
  CHECK(may_start(permits, at(6s) - 1ns));
  CHECK_FALSE(may_start(permits, at(6s)));
}

TEST_CASE("each start takes a permit, no earlier than it is due and no later than it lives") {
  Permits permits = by_rate();
  CHECK_FALSE(may_start(permits, at(0s)));
  permits.add({2, at(20ms), 100ms, at(500ms), 1});
  CHECK(permits.next_start(at(0s), 0, 1).at == at(20ms));
  CHECK(may_start(permits, at(30ms)));
  permits.on_start(at(30ms), 1);
  CHECK(permits.next_start(at(30ms), 0, 1).at == at(120ms));
  CHECK(permits.usable(at(499ms)) == 1);
  CHECK_FALSE(may_start(permits, at(500ms)));
  CHECK(permits.usable(at(500ms)) == 0);
}

TEST_CASE(
    "a permit is good for what costs as much as was asked for, and what is left is given back") {
  Permits::Limits limits;
  limits.budget = Rate{1000, 60s};
  Permits permits(limits);
  permits.set_slots(10);
  permits.set_fence(at(10s));
  permits.release();
  permits.add({2, at(0s), 0ns, at(500ms), 50});
  CHECK_FALSE(may_start(permits, at(0s), 0, 51));
  REQUIRE(may_start(permits, at(0s), 0, 20));
  permits.on_start(at(0s), 20);
  CHECK(permits.take_unused() == 30);
  permits.usable(at(600ms));  // the other one is void
  CHECK(permits.take_unused() == 50);
  CHECK(permits.take_unused() == 0);
}

TEST_CASE("a hold voids what was granted, and does not end by itself") {
  Permits permits = by_rate();
  permits.add({5, at(0s), 0ns, at(500ms), 1});
  permits.hold(Permits::Hold::paused, at(2s));
  CHECK(permits.next_start(at(0s), 0, 1).at == at(2s));
  CHECK(permits.next_start(at(2s), 0, 1).at == never);
  permits.release();
  CHECK_FALSE(may_start(permits, at(100ms)));
}

TEST_CASE("alone a host keeps to the share that it was told") {
  Permits permits = unmetered(50);
  permits.hold(Permits::Hold::away, never);
  permits.go_alone(2, Pacer::Settings{Rate{10, 1s}});
  CHECK_FALSE(may_start(permits, at(20s), 2));
  REQUIRE(may_start(permits, at(20s), 1));
  permits.on_start(at(20s), 1);
  CHECK(permits.next_start(at(20s), 1, 1).at == at(20s) + 100ms);
  permits.end_alone();
  CHECK_FALSE(may_start(permits, at(21s)));
}

TEST_CASE("jobs that fail for an open circuit wait for no place of the fleet") {
  Permits permits = unmetered(1);
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = 1;
  Controller::Gates gates{std::make_unique<Fixed>(bounds, 0, 1),
                          {.consecutive_failures = 1, .open_duration = 5s, .refuses = true}};
  gates.permits = &permits;
  Controller controller(std::move(gates));
  REQUIRE(controller.next_start(at(0s), 0, 1).at <= at(0s));
  Attempt attempt;
  attempt.started = at(0s);
  controller.on_start(attempt);
  controller.on_started();
  Outcome failed;
  failed.verdict = Verdict::failure;
  controller.on_end(attempt, failed, at(0s));

  // The fleet's circuit is open, too.
  permits.hold(Permits::Hold::circuit, at(5s));
  CHECK(controller.next_start(at(1s), 0, 1).at <= at(1s));
  CHECK(controller.refused());
  // Who goes first then, the fleet says.
  CHECK(controller.next_start(at(6s), 0, 1).at == never);
  CHECK_FALSE(controller.refused());
}
