// What the SYNC script does, on a real server whose clock the test holds.
#include <algorithm>
#include <vector>

#include "tests/fleet/sync_fleet.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;
using fleet::FleetState;
using fleet::SyncReply;
using fleet::SyncRequest;

TEST_CASE("slots are granted up to the limit, and what is given back goes to another host") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host a = fleet.host();
  Host b = fleet.host();
  CHECK(take(fleet, a, 3) == 3);
  b.next.want = 4;
  const SyncReply refused = fleet.call(b);
  CHECK(refused.granted == 2);
  CHECK(refused.sum == 5);
  CHECK(refused.retry >= 5ms);
  a.next.held = 1;
  CHECK(fleet.call(a).sum == 3);
  CHECK(take(fleet, b, 2) == 2);
}

TEST_CASE("without a limit a host is granted what it wants") {
  SyncFleet fleet = warm_fleet({});
  Host a = fleet.host();
  a.next.want = 700;
  const SyncReply reply = fleet.call(a);
  CHECK(reply.granted == 700);
  CHECK(reply.cap == 1'000'000);
  CHECK(reply.limit == 0);
  CHECK(reply.retry == 0ms);
}

TEST_CASE("a lost reply heals with the next call: what counts is what a host says it holds") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host a = fleet.host();
  take(fleet, a, 5);
  a.next.held = 0;  // it never heard of them
  CHECK(take(fleet, a, 5) == 5);
}

TEST_CASE("a command that comes late or twice is refused") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host a = fleet.host();
  take(fleet, a, 2);
  const SyncRequest late = a.next;
  take(fleet, a, 1);
  for (int i = 0; i < 2; ++i) {
    const auto reply = fleet::parse_sync_reply(fleet.send(late));
    REQUIRE(reply);
    CHECK(reply->status == SyncReply::Status::stale);
  }
  CHECK(fleet.call(a).sum == 3);
}

TEST_CASE("other limits under the same name are refused, and with a reset they start anew") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host a = fleet.host();
  take(fleet, a, 5);
  Host b = fleet.host();
  b.next.config = "fedcba9876543210";
  const auto refused = fleet.try_call(b);
  REQUIRE(refused);
  CHECK(refused->status == SyncReply::Status::config);
  CHECK(refused->theirs == a.next.config);
  b.next.reset = true;
  b.next.want = 1;
  const SyncReply reply = fleet.call(b);
  CHECK(reply.state == FleetState::warm);
  CHECK(reply.granted == 0);
  CHECK(reply.sum == 0);
  CHECK(reply.hosts == 1);
}

TEST_CASE("a dead host's slots come back within its ttl") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host dead = fleet.host();
  take(fleet, dead, 5);
  Host b = fleet.host();
  b.next.want = 5;
  CHECK(fleet.call(b).granted == 0);
  for (Duration waited{}; waited < SyncFleet::ttl - 1s; waited += 1s) {
    fleet.pass(1s);
    REQUIRE(fleet.call(b).granted == 0);
  }
  fleet.pass(1s);
  const SyncReply reply = fleet.call(b);
  CHECK(reply.granted == 5);
  CHECK(reply.hosts == 1);
}

TEST_CASE("a host that leaves gives everything back at once") {
  SyncFleet fleet = warm_fleet({.limit = 5});
  Host a = fleet.host();
  take(fleet, a, 5);
  a.next.op = SyncRequest::Op::leave;
  const SyncReply left = fleet.call(a);
  CHECK(left.sum == 0);
  CHECK(left.hosts == 0);
  Host b = fleet.host();
  CHECK(take(fleet, b, 5) == 5);
}

TEST_CASE("steps of the server's clock neither end a lease nor make a token") {
  for (const Duration step : {Duration(1h), Duration(-1h)}) {
    CAPTURE(step.count());
    SyncFleet fleet = warm_fleet({.limit = 5, .rate = {10, 1s}, .burst = 5});
    Host live = fleet.host();
    Host other = fleet.host();
    take(fleet, live, 5);
    fleet.call(other);
    fleet.pass(2s);
    live.next.starts = 100;
    const std::uint64_t before = fleet.call(live).starts;  // the bucket, and what is due soon
    CHECK(before >= 5);
    CHECK(before <= 6);
    fleet.step_clock(step);
    fleet.pass(100ms);
    other.next.want = 5;
    other.next.starts = 100;
    const SyncReply reply = fleet.call(other);
    CHECK(reply.granted == 0);
    CHECK(reply.hosts == 2);
    CHECK(before + reply.starts <= 5 + 2);  // 100 ms later, and 100 ms ahead
    fleet.pass(100ms);
    CHECK(before + reply.starts + fleet.call(live).starts <= 5 + 3);
  }
}

TEST_CASE("after a step of the clock time goes on as before") {
  SyncFleet fleet = warm_fleet({.rate = {10, 1s}});
  Host a = fleet.host();
  fleet.call(a);
  const Duration before = *a.next.told;
  fleet.step_clock(-1h);
  fleet.call(a);
  for (int i = 0; i < 100; ++i) {
    fleet.pass(100ms);
    fleet.call(a);
  }
  CHECK(*a.next.told - before >= 10s);
  CHECK(*a.next.told - before < 10s + 1ms);
}

TEST_CASE("a fleet that has lost its state gives nothing for a ttl, and then has an empty bucket") {
  const auto lose = GENERATE(0, 1, 2, 3);
  CAPTURE(lose);
  SyncFleet fleet = warm_fleet({.limit = 5, .rate = {10, 1s}, .burst = 5});
  Host a = fleet.host();
  take(fleet, a, 4);
  Host b = fleet.host();
  fleet.call(b);
  fleet.pass(1s);
  if (lose == 0) fleet.client().call({"DEL", fleet.key("st"), fleet.key("hs"), fleet.key("ex")});
  if (lose == 1) fleet.client().call({"DEL", fleet.key("hs")});
  if (lose == 2) fleet.client().call({"DEL", fleet.key("ex")});
  if (lose == 3) a.next.run_id = b.next.run_id = std::string(40, 'a');  // it has been restarted
  b.next.want = 5;
  b.next.starts = 100;
  SyncReply reply = fleet.call(b);
  CHECK(reply.state == FleetState::warm);
  CHECK(reply.state_left == SyncFleet::ttl);
  CHECK(reply.retry >= SyncFleet::ttl);
  CHECK(fleet.call(a).sum == 4);  // it is believed
  for (Duration waited{}; waited < SyncFleet::ttl; waited += 1s) {
    reply = fleet.call(b);
    REQUIRE(reply.granted == 0);
    REQUIRE(reply.starts == 0);
    REQUIRE(reply.sum == 4);
    fleet.call(a);
    fleet.pass(1s);
  }
  reply = fleet.call(b);
  CHECK(reply.state == FleetState::open);
  CHECK(reply.granted == 1);
  CHECK(reply.starts <= 1);
}

TEST_CASE("a permit may be told ahead, but not be used before it is due") {
  SyncFleet fleet = warm_fleet({.rate = {20, 1s}});
  Host a = fleet.host();
  a.next.starts = 100;
  const SyncReply first = fleet.call(a);
  CHECK(first.starts == 2);  // the bucket was empty: 50 ms and 100 ms from now
  CHECK(is_about(first.delay, 50ms));
  CHECK(first.spacing == 50ms);
  CHECK(first.retry >= 5ms);
  CHECK(fleet.call(a).starts == 0);
  fleet.pass(50ms);
  const SyncReply second = fleet.call(a);
  CHECK(second.starts == 1);
  CHECK(is_about(second.delay, 100ms));
}

TEST_CASE("a burst is given at once") {
  SyncFleet fleet = warm_fleet({.rate = {1, 1s}, .burst = 20});
  Host a = fleet.host();
  fleet.call(a);
  for (int i = 0; i < 12; ++i) {
    fleet.pass(2s);
    fleet.call(a);
  }
  a.next.starts = 30;
  const SyncReply reply = fleet.call(a);
  CHECK(reply.starts == 20);
  CHECK(reply.delay == 0ms);
  CHECK(reply.spacing == 0ms);
}

TEST_CASE("one host's open circuit is everyone's, and its probes are counted over all hosts") {
  SyncFleet fleet = warm_fleet({});
  std::vector<Host> hosts;
  for (int i = 0; i < 5; ++i) hosts.push_back(fleet.host());
  for (Host& host : hosts) fleet.call(host);
  hosts[0].next.opened = 1;
  hosts[0].next.open = 2s;
  CHECK(fleet.call(hosts[0]).state == FleetState::circuit_open);
  hosts[0].next.open = 0s;
  const auto probes_of_all = [&] {
    std::uint64_t probes = 0;
    for (Host& host : hosts) {
      host.next.held = 0;
      host.next.want = 3;
      const SyncReply reply = fleet.call(host);
      CHECK(reply.granted == reply.probes);
      probes += reply.probes;
    }
    return probes;
  };
  CHECK(probes_of_all() == 0);
  fleet.pass(2s);
  hosts[1].next.want = 3;
  const SyncReply probe = fleet.call(hosts[1]);
  CHECK(probe.state == FleetState::half_open);
  CHECK(probe.probes == 1);
  hosts[2].next.want = 3;
  CHECK(fleet.call(hosts[2]).probes == 0);

  SECTION("a probe that fails opens it for twice as long") {
    ++hosts[1].next.failed;
    hosts[1].next.held = 0;
    const SyncReply failed = fleet.call(hosts[1]);
    CHECK(failed.state == FleetState::circuit_open);
    CHECK(is_about(failed.state_left, 4s));
    ++hosts[2].next.failed;  // that was no probe
    CHECK(is_about(fleet.call(hosts[2]).state_left, 4s));
    CHECK(probes_of_all() == 0);
    fleet.pass(4s);
    CHECK(probes_of_all() == 1);
  }
  SECTION("a probe that succeeds closes it") {
    ++hosts[1].next.ok;
    hosts[1].next.held = 0;
    CHECK(fleet.call(hosts[1]).state == FleetState::open);
    CHECK(take(fleet, hosts[2], 3) == 3);
  }
  SECTION("a success that is no probe's does not") {
    ++hosts[2].next.ok;
    CHECK(fleet.call(hosts[2]).state == FleetState::half_open);
  }
  SECTION("a probe that ends without evidence frees its place") {
    hosts[1].next.held = 0;
    hosts[1].next.want = 0;
    fleet.call(hosts[1]);
    CHECK(take(fleet, hosts[2], 1) == 1);
  }
  SECTION("a probe of a host that died frees its place") {
    for (int i = 0; i < 16; ++i) {
      fleet.pass(1s);
      hosts[3].next.want = 0;
      fleet.call(hosts[3]);
    }
    CHECK(take(fleet, hosts[3], 1) == 1);
  }
}

TEST_CASE("as many probes go out as a half-open circuit takes") {
  SyncFleet fleet = warm_fleet({});
  std::vector<Host> hosts;
  for (int i = 0; i < 6; ++i) hosts.push_back(fleet.host());
  for (Host& host : hosts) {
    host.next.probes = 3;
    fleet.call(host);
  }
  hosts[0].next.opened = 1;
  hosts[0].next.open = 2s;
  fleet.call(hosts[0]);
  hosts[0].next.open = 0s;
  fleet.pass(2s);
  std::uint64_t probes = 0;
  for (Host& host : hosts) {
    host.next.want = 5;
    probes += fleet.call(host).probes;
  }
  CHECK(probes == 3);
}

TEST_CASE("a pause that the service asked one host for holds all, and only moves forward") {
  SyncFleet fleet = warm_fleet({});
  Host a = fleet.host();
  Host b = fleet.host();
  fleet.call(b);
  a.next.pause = 3s;
  fleet.call(a);
  a.next.pause = 1s;
  fleet.call(a);
  b.next.want = 1;
  const SyncReply paused = fleet.call(b);
  CHECK(paused.state == FleetState::paused);
  CHECK(is_about(paused.state_left, 3s));
  CHECK(paused.granted == 0);
  CHECK(paused.retry > 2900ms);
  fleet.pass(3s);
  CHECK(fleet.call(b).granted == 1);
}

TEST_CASE("what was set by hand overrides what is configured") {
  SyncFleet fleet = warm_fleet({.limit = 5, .rate = {10, 1s}});
  Host a = fleet.host();
  fleet.client().call({"HSET", fleet.key("st"), "set_limit", "3", "set_rate_n", "2", "set_rate_us",
                       "500000", "pause_until", "-1"});
  const SyncReply paused = fleet.call(a);
  CHECK(paused.state == FleetState::paused);
  CHECK_FALSE(paused.state_left);
  fleet.client().call({"HDEL", fleet.key("st"), "pause_until"});
  a.next.want = 5;
  const SyncReply reply = fleet.call(a);
  CHECK(reply.granted == 3);
  CHECK(reply.limit == 3);
  CHECK(reply.rate == Rate{2, 500ms});
}

TEST_CASE("an overrun is debited, and what was not needed is given back") {
  SyncFleet fleet = warm_fleet({.budget = {100, 60s}});
  Host a = fleet.host();
  fleet.call(a);
  for (int i = 0; i < 65; ++i) {
    fleet.pass(1s);
    fleet.call(a);
  }
  a.next.budget_cost = 50;
  a.next.starts = 1;
  const SyncReply first = fleet.call(a);
  CHECK(first.starts == 1);
  SECTION("overrun") {
    a.next.overrun = 30;
    CHECK(fleet.call(a).starts == 0);
    a.next.budget_cost = 20;
    CHECK(fleet.call(a).starts == 1);
  }
  SECTION("surplus") {
    a.next.starts = 0;
    a.next.surplus = 40;
    a.next.surplus_since = first.now;
    fleet.call(a);
    a.next.starts = 1;
    a.next.budget_cost = 90;
    CHECK(fleet.call(a).starts == 1);
  }
  SECTION("a repeated total does nothing") {
    a.next.starts = 0;
    a.next.overrun = 30;
    for (int i = 0; i < 3; ++i) fleet.call(a);
    a.next.starts = 1;
    a.next.budget_cost = 20;
    CHECK(fleet.call(a).starts == 1);
  }
}

TEST_CASE("keys live for a day, or for two windows") {
  SyncFleet fleet = warm_fleet({.limit = 5, .rate = {10, 48h}});
  Host a = fleet.host();
  take(fleet, a, 1);
  for (const char* end : {"st", "hs", "ex"}) {
    CHECK(fleet.client().call({"PTTL", fleet.key(end)}).integer > 95LL * 3600 * 1000);
  }
}
