// What the SYNC script promises, over random schedules: against what hosts truly have and start, by
// a clock that nobody sets.
#include <algorithm>
#include <deque>
#include <vector>

#include "lib/control/random.h"
#include "tests/fleet/sync_fleet.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;
using fleet::SyncReply;
using fleet::SyncRequest;

namespace {

constexpr Duration permit_life = 500ms;

std::uint64_t below(Random& random, std::uint64_t n) {
  return random.next() % n;
}

Duration random_duration(Random& random, Duration most) {
  return Duration(
      static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(most.count()) + 1)));
}

/// A host that keeps the rules, and what it holds in truth.
struct TrueHost {
  Host host;
  std::uint64_t held = 0;
  Duration answered{};  ///< when its last answered call was sent
};

/// Sends what the host would say now. The reply may be lost; the command may come late, after all
/// that the host says next.
void call_at_random(SyncFleet& fleet, TrueHost& it, Random& random, std::deque<SyncRequest>& late) {
  it.host.next.held = it.held;
  it.host.next.want = below(random, 8);
  it.host.next.since = fleet.now() - it.host.asked;
  switch (below(random, 6)) {
    case 0: {  // it comes late
      ++it.host.next.seq;
      late.push_back(it.host.next);
      break;
    }
    case 1: {  // its reply is lost, or it is a command that was sent again
      ++it.host.next.seq;
      fleet.send(it.host.next);
      fleet.send(it.host.next);
      break;
    }
    default: {
      const SyncReply reply = fleet.call(it.host);
      it.held += reply.granted;
      it.answered = fleet.now();
      break;
    }
  }
}

/// Starts that were allowed, at their true times.
struct Start {
  Duration at;
  Cost cost = 1;             ///< in the end
  Cost estimate = 1;         ///< reserved at the start
  Duration granted{};        ///< when the script said so
  Duration settled = 1000h;  ///< when the script knew the cost
};

/// The starts within any time t cost at most  burst + rate * (t + 0.5 s),  and what those that the
/// script does not know the cost of are above their estimates.
bool keeps(std::vector<Start> starts, Rate rate, Cost burst) {
  std::sort(starts.begin(), starts.end(), [](auto& a, auto& b) { return a.at < b.at; });
  __extension__ using Wide = __int128;
  const Wide period = rate.period.count();
  for (std::size_t first = 0; first < starts.size(); ++first) {
    Wide cost = 0;
    Duration granted{};
    std::vector<const Start*> unknown;  // dearer than estimated, which the script had not heard
    for (std::size_t last = first; last < starts.size(); ++last) {
      const Start& start = starts[last];
      granted = std::max(granted, start.granted);
      cost += std::min(start.cost, start.estimate);
      if (start.cost > start.estimate) unknown.push_back(&start);
      std::erase_if(unknown, [&](const Start* s) {
        const bool known = s->settled <= granted;
        if (known) cost += s->cost - s->estimate;
        return known;
      });
      const Wide t = (start.at - starts[first].at + permit_life).count();
      if (cost * period > Wide(burst) * period + t * Wide(rate.amount)) return false;
    }
  }
  return true;
}

/// A host whose calls take their time on the way.
struct SlowHost {
  Host host;
  Duration sent{}, arrives{};
  struct Running {
    Start start;
    Duration ends;
    Duration now;  ///< of the reply that let it start
  };
  std::vector<Running> running{};
};

}  // namespace

TEST_CASE("hosts never hold more slots than the limit, whatever is lost, late or repeated") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 87, 92);
  CAPTURE(seed);
  Random random(static_cast<std::uint64_t>(seed));
  const std::uint64_t limit = 1 + below(random, 40);
  SyncFleet fleet({.limit = limit});
  fleet.warm_up();
  std::vector<TrueHost> hosts;
  for (int i = 0; i < 20; ++i) hosts.push_back({fleet.host()});
  std::deque<SyncRequest> late;
  std::uint64_t most = 0;
  int lost = 0;
  for (int step = 0; step < 3000; ++step) {
    fleet.pass(random_duration(random, 300ms));
    TrueHost& it = hosts[below(random, hosts.size())];
    const bool silent = below(random, 400) == 0;
    if (it.held > 0) it.held -= below(random, it.held + 1) / 2;
    // A host that has heard nothing for long stops what it runs.
    for (TrueHost& h : hosts) {
      if (fleet.now() - h.answered > SyncFleet::ttl * 9 / 10) h.held = 0;
    }
    if (silent) {
      fleet.pass(random_duration(random, SyncFleet::ttl));
      continue;
    }
    call_at_random(fleet, it, random, late);
    if (!late.empty() && below(random, 3) == 0) {
      fleet.send(late.front());
      late.pop_front();
    }
    if (below(random, 1000) == 0) {
      ++lost;
      fleet.client().call({"DEL", fleet.key("st"), fleet.key("hs"), fleet.key("ex")});
    }
    if (below(random, 300) == 0) fleet.step_clock(below(random, 2) == 0 ? 1h : -1h);
    for (TrueHost& h : hosts) {
      if (fleet.now() - h.answered > SyncFleet::ttl * 9 / 10) h.held = 0;
    }
    std::uint64_t sum = 0;
    for (const TrueHost& h : hosts) sum += h.held;
    most = std::max(most, sum);
    REQUIRE(sum <= limit);
  }
  CAPTURE(lost);
  CHECK(most == limit);  // or the schedule showed nothing
}

TEST_CASE("starts keep to burst + rate * (t + 0.5 s), however permits are used") {
  const auto seed = GENERATE(range(1, 13));
  CAPTURE(seed);
  Random random(static_cast<std::uint64_t>(seed));
  const Rate rate{1 + below(random, 30), 1ms * (200 + below(random, 3000))};
  const Cost burst = below(random, 2) == 0 ? 1 : 1 + below(random, 30);
  SyncFleet fleet({.rate = rate, .burst = burst});
  fleet.warm_up();
  std::vector<SlowHost> hosts;
  const bool steps = below(random, 2) == 0;
  const Duration slow = below(random, 2) == 0 ? 5ms : 200ms;
  const auto send = [&](SlowHost& it, Duration from) {
    it.sent = from + random_duration(random, 300ms);
    it.arrives = it.sent + random_duration(random, slow);
  };
  for (std::size_t i = 0; i < 1 + below(random, 6); ++i) {
    hosts.push_back({.host = fleet.host()});
    send(hosts.back(), fleet.now());
  }
  std::vector<Start> starts;
  for (int calls = 0; calls < 400; ++calls) {
    SlowHost& it = *std::min_element(hosts.begin(), hosts.end(),
                                     [](auto& a, auto& b) { return a.arrives < b.arrives; });
    fleet.pass(it.arrives - fleet.now());
    if (steps && below(random, 50) == 0) fleet.step_clock(below(random, 2) == 0 ? 1h : -1h);
    it.host.next.starts = below(random, 20);
    ++it.host.next.seq;
    it.host.next.since = it.sent - it.host.asked;
    const auto reply = fleet::parse_sync_reply(fleet.send(it.host.next));
    REQUIRE(reply);
    it.host.next.told = reply->now;
    it.host.asked = it.sent;
    const Duration heard = fleet.now() + random_duration(random, slow);
    const auto way = below(random, 3);
    for (std::uint64_t i = 0; i < reply->starts; ++i) {
      const Duration due = heard + reply->delay + static_cast<std::int64_t>(i) * reply->spacing;
      const Duration end = it.sent + permit_life;
      if (due > end) continue;
      const Duration at = way == 0   ? due
                          : way == 1 ? end
                                     : due + random_duration(random, end - due);
      starts.push_back({.at = at, .granted = fleet.now()});
    }
    send(it, heard);
  }
  CHECK(starts.size() > 20);
  CHECK(keeps(starts, rate, burst));
}

TEST_CASE("costs keep to the budget's bound, whatever jobs cost in the end") {
  const auto seed = GENERATE(range(1, 13));
  CAPTURE(seed);
  Random random(static_cast<std::uint64_t>(seed) + 100);
  const Rate budget{100 + below(random, 900), 1s * (1 + below(random, 20))};
  SyncFleet fleet({.budget = budget});
  fleet.warm_up();
  // What most jobs cost, of their estimate: from far less to twice as much.
  const std::uint64_t dear = 1 + below(random, 200);
  std::vector<SlowHost> hosts;
  for (int i = 0; i < 4; ++i) hosts.push_back({.host = fleet.host()});
  std::vector<Start> done;
  double given_back = 0;
  for (int calls = 0; calls < 400; ++calls) {
    fleet.pass(random_duration(random, below(random, 30) == 0 ? Duration(budget.period) : 100ms));
    SlowHost& it = hosts[below(random, hosts.size())];
    SyncRequest& next = it.host.next;
    const Cost surplus = next.surplus;
    Duration since = 1000000h;
    for (auto& job : it.running) {
      if (job.ends > fleet.now()) continue;
      const Cost cost = job.start.cost;
      const Cost estimate = job.start.estimate;
      next.overrun += cost > estimate ? cost - estimate : 0;
      next.surplus += cost < estimate ? estimate - cost : 0;
      if (cost < estimate) since = std::min(since, job.now);
      job.start.settled = fleet.now();
      done.push_back(job.start);
    }
    std::erase_if(it.running, [&](auto& job) { return job.ends <= fleet.now(); });
    next.surplus_since = next.surplus > surplus ? since : Duration{};
    given_back += static_cast<double>(next.surplus - surplus);
    next.budget_cost = 1 + below(random, budget.amount / 4);
    next.starts = below(random, 8);
    const SyncReply reply = fleet.call(it.host);
    for (std::uint64_t i = 0; i < reply.starts; ++i) {
      const Duration at = fleet.now() + reply.delay + static_cast<std::int64_t>(i) * reply.spacing;
      const Cost cost = next.budget_cost * below(random, dear + 1) / 100;
      it.running.push_back(
          {{.at = at, .cost = cost, .estimate = next.budget_cost, .granted = fleet.now()},
           at + random_duration(random, 2s),
           reply.now});
    }
  }
  CHECK(done.size() > 50);
  CHECK(given_back > 0);
  CHECK(keeps(done, budget, budget.amount));
}

TEST_CASE("jobs that cost half of their estimate get nearly all of the budget") {
  const Rate budget{1000, 10s};
  SyncFleet fleet({.budget = budget});
  fleet.warm_up();
  SlowHost it{.host = fleet.host()};
  SyncRequest& next = it.host.next;
  next.budget_cost = 50;
  next.starts = 10;
  double spent = 0;
  const Duration begin = fleet.now();
  while (fleet.now() < begin + 60s) {
    fleet.pass(50ms);
    const Cost surplus = next.surplus;
    Duration since = 1000000h;
    for (auto& job : it.running) {
      if (job.ends > fleet.now()) continue;
      next.surplus += 25;
      since = std::min(since, job.now);
    }
    std::erase_if(it.running, [&](auto& job) { return job.ends <= fleet.now(); });
    next.surplus_since = next.surplus > surplus ? since : Duration{};
    const SyncReply reply = fleet.call(it.host);
    spent += 25 * static_cast<double>(reply.starts);
    for (std::uint64_t i = 0; i < reply.starts; ++i) {
      it.running.push_back({{}, fleet.now() + 1s, reply.now});
    }
  }
  CHECK(spent >= 0.9 * 100 * 60);
}
