// One host of a fleet, in virtual time, with the test in the place of the fleet.
#include "lib/fleet/member.h"

#include "lib/control/fixed.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;
using fleet::Member;
using fleet::SyncReply;
using fleet::SyncRequest;

namespace {

class Told : public EventSink {
 public:
  std::vector<event::FleetMoved::State> states;
  Member* member = nullptr;

  void on_event(const Event& event, TimePoint now) override {
    if (const auto* moved = std::get_if<event::FleetMoved>(&event)) states.push_back(moved->state);
    if (member != nullptr) member->on_event(event, now);
  }
};

/// A host that runs `jobs` jobs, up to four at once.
struct Host {
  Told told;
  Permits permits;
  Scheduler scheduler;
  Member member;
  TimePoint now = at(1h);
  std::uint64_t jobs;
  std::uint64_t given = 0;
  std::vector<JobId> running;

  static Controller controller(Permits& permits) {
    Controller::Gates gates;
    Bounds bounds;
    bounds.max_concurrency = bounds.initial_concurrency = 4;
    gates.law = std::make_unique<Fixed>(bounds, 0, 1);
    gates.circuit.consecutive_failures = 0;
    gates.permits = &permits;
    return Controller(std::move(gates));
  }
  static Member::Settings settings() {
    Member::Settings settings;
    settings.name = "f";
    settings.host = "00000000000000aa";
    settings.ttl = 15s;
    return settings;
  }

  explicit Host(std::uint64_t n, const Permits::Limits& limits = {}, Cost cost = 1)
      : permits(limits),
        scheduler(controller(permits), Retry({}, 1), told),
        member(settings(), scheduler, permits, told),
        jobs(n),
        cost_of_each(cost) {
    told.member = &member;
    member.on_opened("run", now);
  }

  /// Starts what may start; how many did.
  int start() {
    int starts = 0;
    for (;;) {
      const Step step = scheduler.next(now);
      if (const auto* one = std::get_if<Start>(&step)) {
        running.push_back(one->job.id);
        scheduler.on_started();
        ++starts;
      } else if (std::holds_alternative<NeedInput>(step) && given < jobs) {
        Job job;
        job.id = JobId{++given};
        job.cost = cost_of_each;
        scheduler.add(std::move(job), now);
      } else if (std::holds_alternative<NeedInput>(step)) {
        scheduler.close_input();
      } else {
        return starts;
      }
    }
  }
  void end_one(Verdict verdict = Verdict::success, std::optional<Cost> cost = {}) {
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.cost = cost;
    const JobId id = running.front();
    running.erase(running.begin());
    scheduler.on_end(id, now, outcome);
  }
  /// The call that is due, which must be.
  SyncRequest called() {
    start();
    const auto request = member.call(now);
    REQUIRE(request);
    return *request;
  }
  bool calls() {
    start();
    return member.call(now).has_value();
  }
  void reply(std::uint64_t granted, std::uint64_t cap = 100, std::uint64_t starts = 0) {
    SyncReply reply;
    reply.granted = granted;
    reply.cap = cap;
    reply.starts = starts;
    reply.hosts = 1;
    member.on_reply(reply, now);
  }

  Cost cost_of_each;
};

Permits::Limits ten_per_second() {
  Permits::Limits limits;
  limits.rate = Pacer::Settings{Rate{10, 1s}};
  return limits;
}

}  // namespace

TEST_CASE("a host asks for the places that it could use, and runs as many jobs as it is given") {
  Host host(10);
  const SyncRequest request = host.called();
  CHECK(request.held == 0);
  CHECK(request.want == 4);
  CHECK_FALSE(host.calls());  // one is under way
  host.now += 1ms;
  host.reply(3);
  CHECK(host.start() == 3);
  CHECK(host.told.states == std::vector{event::FleetMoved::State::joined});
}

TEST_CASE("a host whose fence has passed knows that others may have what was its") {
  Host host(10);
  host.called();
  host.reply(1);
  host.now += 13s;
  host.called();
  host.now += 400ms;
  CHECK_FALSE(host.member.is_fenced_now(host.now));
  CHECK_FALSE(host.member.take_lapse());
  // It passes while an answer is on its way.
  host.now += 200ms;
  const bool looked = GENERATE(false, true);
  if (looked) CHECK(host.member.is_fenced_now(host.now));
  CHECK(host.member.is_fenced() == looked);
  host.reply(0);
  CHECK_FALSE(host.member.is_fenced());
  CHECK(host.member.take_lapse());
  CHECK_FALSE(host.member.take_lapse());
}

TEST_CASE("a host asks for no more places than it has jobs") {
  Host host(2);
  // That there are two only is not known before the second was read.
  host.called();
  host.reply(4);
  CHECK(host.start() == 2);
  host.now += 20ms;
  CHECK_FALSE(host.calls());
  host.now += 20ms;
  CHECK(host.called().held == 2);
}

TEST_CASE("the place that a job leaves is used again without a call") {
  Host host(10);
  host.called();
  host.reply(4);
  REQUIRE(host.start() == 4);
  host.now += 100ms;
  host.end_one();
  CHECK(host.start() == 1);
  CHECK_FALSE(host.calls());
}

TEST_CASE("while it runs jobs it calls each 250 ms, and else each third of the time to live") {
  Host host(4);
  host.called();
  host.reply(4);
  host.start();
  CHECK(host.member.next(host.now) == host.now + 250ms);
  while (!host.running.empty()) host.end_one();
  const TimePoint sent = host.now;
  host.now += 30ms;
  REQUIRE_FALSE(host.calls());
  host.now += 20ms;  // the places are not needed any more
  CHECK(host.called().held == 0);
  host.reply(0);
  CHECK(host.member.next(host.now) == sent + 50ms + 5s);
}

TEST_CASE("nothing starts after 0.9 of the time to live since the last answered call was sent") {
  Host host(100);
  host.called();
  const TimePoint sent = host.now;
  host.now += 800ms;  // the answer took long
  host.reply(2);
  REQUIRE(host.start() == 2);
  host.now += 5ms;
  host.called();  // and the next one is lost
  host.now = sent + 13500ms - 1ns;
  host.end_one();
  CHECK(host.start() == 1);
  CHECK_FALSE(host.member.is_fenced_now(host.now));
  host.now = sent + 13500ms;
  host.end_one();
  CHECK(host.start() == 0);
  CHECK(host.member.is_fenced_now(host.now));
  CHECK_FALSE(host.member.is_fenced_now(host.now));
  CHECK(host.member.deadline(host.now) == sent + 14550ms);
  host.end_one();
  CHECK(host.member.deadline(host.now) == never);  // nothing runs, and nothing can start
}

TEST_CASE("when the connection is lost nothing starts until the fleet answers again") {
  Host host(100);
  host.called();
  host.reply(2);
  REQUIRE(host.start() == 2);
  host.member.on_closed("Connection refused", host.now);
  host.end_one();
  CHECK(host.start() == 0);
  CHECK(host.told.states.back() == event::FleetMoved::State::away);
  host.now += 1s;
  CHECK(host.member.outage(host.now) == 1s);
  host.member.on_opened("run", host.now);
  CHECK(host.start() == 0);
  const SyncRequest again = host.called();
  CHECK(again.held == 1);
  CHECK(again.want == 3);
  host.reply(1);
  CHECK(host.start() == 1);
  CHECK(host.member.outage(host.now) == 0s);
}

TEST_CASE("a call counts up, and says what runs, whatever became of the one before") {
  Host host(100);
  const std::uint64_t first = host.called().seq;
  host.member.on_reply({}, host.now);
  host.member.on_closed("timeout", host.now);
  host.member.on_opened("run", host.now);
  const SyncRequest second = host.called();
  CHECK(second.seq > first);
  CHECK(second.held == 0);
  CHECK(second.want == 4);
}

TEST_CASE(
    "places beyond the cap are given back as jobs end; with fewer places than hosts one a reply") {
  Host host(100);
  host.called();
  host.reply(4);
  REQUIRE(host.start() == 4);
  host.now += 250ms;
  CHECK(host.called().held == 4);
  host.reply(0, 2);
  for (int i = 0; i < 2; ++i) host.end_one();
  CHECK(host.start() == 0);
  host.end_one();
  CHECK(host.start() == 1);
  host.now += 250ms;
  CHECK(host.called().held == 2);
  host.reply(0, 0);
  host.end_one();
  CHECK(host.start() == 0);
  host.end_one();
  CHECK(host.start() == 1);
}

TEST_CASE("an answer that makes no sense is as good as none, and is not asked for again at once") {
  Host host(100);
  host.called();
  host.reply(2);
  REQUIRE(host.start() == 2);
  host.now += 250ms;
  host.called();
  host.member.on_failed("ERR unknown command", host.now);
  host.end_one();
  CHECK(host.start() == 0);
  CHECK(host.told.states.back() == event::FleetMoved::State::away);
  host.now += 999ms;
  CHECK_FALSE(host.calls());
  host.now += 1ms;
  host.called();
  host.reply(1);
  CHECK(host.start() == 1);
}

TEST_CASE("a place that was just given is used, whatever the cap") {
  Host host(100);
  host.called();
  host.reply(1, 0);
  CHECK(host.start() == 1);
}

TEST_CASE("a place that is to be given back is told of as soon as its job ends") {
  Host host(100);
  host.called();
  host.reply(4);
  REQUIRE(host.start() == 4);
  host.now += 250ms;
  host.called();
  host.reply(0, 3);
  host.now += 10ms;
  REQUIRE_FALSE(host.calls());
  host.end_one();
  CHECK(host.called().held == 3);
}

TEST_CASE("with a rate each start takes a permit, which lives for 500 ms since it was asked for") {
  Host host(100, ten_per_second());
  const SyncRequest request = host.called();
  CHECK(request.want == 4);
  CHECK(request.starts == 4);
  host.now += 100ms;
  host.reply(4, 100, 2);
  CHECK(host.start() == 2);
  host.end_one();
  host.end_one();
  CHECK(host.start() == 0);
  host.now += 5ms;
  CHECK(host.called().starts == 4);
  host.now += 499ms;
  host.reply(0, 100, 3);
  CHECK(host.start() == 3);
  host.now += 6ms;
  host.end_one();
  host.called();
  host.now += 500ms;
  host.reply(0, 100, 3);
  CHECK(host.start() == 0);
}

TEST_CASE("what an attempt of an older generation met is no news") {
  Host host(100);
  host.called();
  SyncReply cut;
  cut.granted = 4;
  cut.cap = 100;
  cut.generation = 7;
  host.member.on_reply(cut, host.now);
  REQUIRE(host.start() == 4);
  host.now += 10ms;
  host.end_one(Verdict::overload);
  CHECK(host.called().overload == 1);
  cut.granted = 0;
  cut.generation = 8;
  host.member.on_reply(cut, host.now);
  host.now += 10ms;
  host.end_one(Verdict::overload);
  const SyncRequest next = host.called();
  CHECK(next.overload == 1);
  CHECK(next.generation == 8);
}

TEST_CASE("what jobs cost beyond or below what was expected is told as totals") {
  Permits::Limits limits;
  limits.budget = Rate{1000, 60s};
  Host host(100, limits, 50);
  const SyncRequest first = host.called();
  CHECK(first.budget_cost == 50);
  SyncReply reply;
  reply.now = 3s;
  reply.granted = reply.starts = 4;
  reply.cap = 100;
  host.member.on_reply(reply, host.now);
  REQUIRE(host.start() == 4);
  host.now += 250ms;
  host.end_one(Verdict::success, 80);
  host.end_one(Verdict::success, 10);
  const SyncRequest told = host.called();
  CHECK(told.overrun == 30);
  CHECK(told.surplus == 40);
  CHECK(told.surplus_since == 3s);
}
