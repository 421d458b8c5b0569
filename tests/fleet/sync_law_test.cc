// What the hosts of a fleet learn about their service together, by the SYNC script.
#include <algorithm>
#include <vector>

#include "tests/fleet/sync_fleet.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;
using fleet::SyncReply;

TEST_CASE("overload that was said cuts what is shared once a generation, never below half") {
  SyncFleet fleet = warm_fleet({.limit = 40, .rate = {100, 1s}});
  std::vector<Host> hosts;
  for (int i = 0; i < 4; ++i) hosts.push_back(fleet.host());
  for (Host& host : hosts) take(fleet, host, 10);
  for (Host& host : hosts) host.next.overload += 30;
  const SyncReply cut = fleet.call(hosts[0]);
  CHECK(cut.limit == 20);
  CHECK(cut.generation == 2);
  CHECK(seconds(cut.rate.period) <= 2.001);
  CHECK(cut.rate.period > 1s);
  // The others say so too, of attempts that started before.
  for (std::size_t i = 1; i < hosts.size(); ++i) CHECK(fleet.call(hosts[i]).limit == 20);
  // Who holds more than its share is told to shed.
  for (Host& host : hosts) CHECK(fleet.call(host).cap == 5);
  ++hosts[3].next.overload;
  CHECK(fleet.call(hosts[3]).generation == 3);
}

TEST_CASE("log-odds that no host would act on alone add up") {
  SyncFleet fleet = warm_fleet({.limit = 40});
  std::vector<Host> hosts;
  for (int i = 0; i < 4; ++i) hosts.push_back(fleet.host());
  for (Host& host : hosts) take(fleet, host, 10);
  for (std::size_t i = 0; i < 3; ++i) {
    hosts[i].next.odds = 1.9;
    CHECK(fleet.call(hosts[i]).generation == 1);
  }
  hosts[3].next.odds = 0.3;
  CHECK(fleet.call(hosts[3]).generation == 2);
}

TEST_CASE("a cut after which as many fail is taken back, and failures count for nothing then") {
  SyncFleet fleet = warm_fleet({.limit = 40, .rate = {100, 1s}});
  Host a = fleet.host();
  take(fleet, a, 40);
  const auto fail = [&] {
    a.next.failed += 30;
    a.next.ok += 10;
    a.next.odds = 7;
    return fleet.call(a);
  };
  const SyncReply cut = fail();
  CHECK(cut.limit < 40);
  CHECK(cut.rate.period > 1s);
  const SyncReply back = fail();
  CHECK(back.limit == 40);
  CHECK(back.rate.period == 1s);
  CHECK(fail().limit == 40);
  fleet.pass(5s);
  CHECK(fail().limit == 40);
}

TEST_CASE("a fleet whose controller is fixed is not cut") {
  SyncFleet fleet = warm_fleet({.limit = 40});
  Host a = fleet.host();
  a.next.adaptive = false;
  take(fleet, a, 40);
  a.next.overload = 5;
  const SyncReply reply = fleet.call(a);
  CHECK(reply.limit == 40);
  CHECK(reply.generation == 1);
}

TEST_CASE("without a limit the first cut sets one, and growth lifts it again") {
  SyncFleet fleet = warm_fleet({});
  Host a = fleet.host();
  take(fleet, a, 20);
  a.next.overload = 4;
  SyncReply reply = fleet.call(a);
  CHECK(reply.limit == 16);
  CHECK(reply.generation == 2);
  int rounds = 0;
  for (std::uint64_t last = reply.limit; reply.limit > 0 && rounds < 1000; ++rounds) {
    REQUIRE(reply.limit >= last);
    last = reply.limit;
    fleet.pass(1s);
    a.next.held = reply.limit;  // all of it is in use
    fleet.call(a);
    a.next.ok += reply.limit;
    reply = fleet.call(a);
  }
  CHECK(reply.limit == 0);
  CHECK(rounds > 4);
}

TEST_CASE("what was cut grows with successes while it binds, and never beyond what is configured") {
  SyncFleet fleet = warm_fleet({.limit = 20});
  Host a = fleet.host();
  take(fleet, a, 20);
  a.next.overload = 20;
  SyncReply reply = fleet.call(a);
  CHECK(reply.limit == 10);
  a.next.held = 5;
  fleet.call(a);
  for (int i = 0; i < 50; ++i) {
    fleet.pass(100ms);
    a.next.ok += 5;
    reply = fleet.call(a);
  }
  CHECK(reply.limit <= 11);  // half of it lies idle
  std::uint64_t most = 0;
  for (int i = 0; i < 300; ++i) {
    fleet.pass(100ms);
    a.next.held = reply.limit;
    a.next.ok += 5;
    reply = fleet.call(a);
    most = std::max(most, reply.limit);
  }
  CHECK(reply.limit == 20);
  CHECK(most == 20);
}
