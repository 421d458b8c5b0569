// How the SYNC script shares what there is among those who want it.
#include <algorithm>
#include <vector>

#include "lib/control/random.h"
#include "tests/fleet/sync_fleet.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;
using fleet::SyncReply;

TEST_CASE("what cannot be shared evenly is kept for a second, and then goes to the next") {
  SyncFleet fleet = warm_fleet({.limit = 3});
  Host a = fleet.host();
  Host b = fleet.host();
  take(fleet, a, 2);
  a.next.want = b.next.want = 5;
  fleet.call(b);
  fleet.call(a);
  REQUIRE(a.next.held == 2);
  REQUIRE(b.next.held == 1);
  fleet.pass(900ms);
  fleet.call(b);
  CHECK(fleet.call(a).cap == 3);
  fleet.pass(100ms);
  fleet.call(b);
  CHECK(fleet.call(a).cap == 1);
  --a.next.held;
  CHECK(fleet.call(a).granted == 0);
  CHECK(fleet.call(b).granted == 1);
}

TEST_CASE("a host with less than its share gets what others have beyond theirs, and no more") {
  SyncFleet fleet = warm_fleet({.limit = 9});
  Host a = fleet.host();
  Host b = fleet.host();
  Host c = fleet.host();
  take(fleet, a, 5);
  take(fleet, b, 4);
  a.next.want = b.next.want = 5;
  c.next.want = 1;
  fleet.call(c);
  // One is lacked, so one host gives back one.
  CHECK(fleet.call(a).cap == 4);
  CHECK(fleet.call(b).cap == 9);
  CHECK(fleet.call(a).cap == 4);
  // Where its jobs take long, others are asked too.
  fleet.pass(1s);
  CHECK(fleet.call(a).cap == 4);
  CHECK(fleet.call(b).cap == 3);
  --a.next.held;
  CHECK(fleet.call(a).granted == 0);
  CHECK(fleet.call(c).granted == 1);
  CHECK(fleet.call(a).cap == 9);
}

TEST_CASE("a slot that those do not ask for whose turn it is goes to whoever asks") {
  SyncFleet fleet = warm_fleet({.limit = 3});
  Host a = fleet.host();
  Host b = fleet.host();
  Host c = fleet.host();
  take(fleet, c, 1);
  take(fleet, a, 2);
  a.next.want = b.next.want = 5;
  fleet.call(a);
  fleet.call(b);
  c.next.held = 0;
  fleet.call(c);
  CHECK(fleet.call(a).granted == 0);
  fleet.pass(51ms);
  CHECK(fleet.call(a).granted == 1);
}

TEST_CASE("hosts that want equally get equally, whatever the limit, and leave nothing unused") {
  const std::uint64_t limit = GENERATE(3U, 8U, 10U, 25U);
  const Duration job = GENERATE(Duration(20ms), Duration(500ms));
  CAPTURE(limit, job.count());
  SyncFleet fleet = warm_fleet({.limit = limit});
  constexpr std::size_t size = 8;
  std::vector<Host> hosts;
  std::vector<std::vector<Duration>> ends(size);  // of the jobs that run
  std::vector<Duration> ask(size);
  std::vector<std::uint64_t> cap(size, 1'000'000);
  std::vector<double> done(size);
  Random random(1);
  const auto length = [&] {
    return job / 2 + Duration(static_cast<std::int64_t>(random.next() %
                                                        static_cast<std::uint64_t>(job.count())));
  };
  double idle = 0;
  int steps = 0;
  for (std::size_t i = 0; i < size; ++i) hosts.push_back(fleet.host());
  const Duration begin = fleet.now();
  while (fleet.now() < begin + 60s) {
    fleet.pass(5ms);
    for (std::size_t i = 0; i < size; ++i) {
      const auto over = std::erase_if(ends[i], [&](Duration t) { return t <= fleet.now(); });
      done[i] += static_cast<double>(over);
      // A host that may keep its slot starts the next job in it, and nobody hears of that.
      bool sheds = false;
      for (std::size_t k = 0; k < over; ++k) {
        if (!sheds && hosts[i].next.held > cap[i]) {
          sheds = true;
          --hosts[i].next.held;
        } else {
          ends[i].push_back(fleet.now() + length());
        }
      }
      if (!sheds && fleet.now() < ask[i]) continue;
      hosts[i].next.want = 20 - hosts[i].next.held;
      const SyncReply reply = fleet.call(hosts[i]);
      for (std::uint64_t k = 0; k < reply.granted; ++k) {
        ends[i].push_back(fleet.now() + length());
      }
      cap[i] = reply.cap;
      ask[i] = fleet.now() + reply.retry;
    }
    std::size_t running = 0;
    for (const auto& of_host : ends) running += of_host.size();
    idle += static_cast<double>(limit - running);
    ++steps;
  }
  const auto [least, most] = std::minmax_element(done.begin(), done.end());
  CAPTURE(*least, *most, idle / steps);
  CHECK(*most <= 1.2 * *least);
  CHECK(idle / steps <= 0.05 * static_cast<double>(limit));
}

TEST_CASE("hosts that want permits equally get equally") {
  const int size = GENERATE(3, 20);
  SyncFleet fleet = warm_fleet({.rate = {50, 1s}});
  std::vector<Host> hosts;
  std::vector<Duration> ask(static_cast<std::size_t>(size));
  std::vector<double> got(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) hosts.push_back(fleet.host());
  const Duration begin = fleet.now();
  while (fleet.now() < begin + 60s) {
    fleet.pass(1ms);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      if (fleet.now() < ask[i]) continue;
      hosts[i].next.starts = 4;
      const SyncReply reply = fleet.call(hosts[i]);
      got[i] += static_cast<double>(reply.starts);
      ask[i] = fleet.now() + std::max<Duration>(reply.retry, 5ms);
    }
  }
  double sum = 0;
  for (const double n : got) sum += n;
  const auto [least, most] = std::minmax_element(got.begin(), got.end());
  CAPTURE(*least, *most);
  CHECK(*most <= 1.2 * *least);
  CHECK(sum >= 0.95 * 50 * 60);
}
