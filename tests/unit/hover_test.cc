// The default law as a whole: the real scheduler against small modelled services.
#include <cmath>
#include <set>

#include "tests/unit/catch.h"
#include "tests/unit/control_setup.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// A service with some of these limits, and jobs of which some are broken.
struct Small {
  int cap = no_cap;  ///< at once
  double rate = 0;   ///< a second, with a burst of 20; 0: any
  TimePoint away = never, back = never;
  std::uint64_t broken = 0;  ///< every so many jobs; 0: none
  Duration takes = 500ms;    ///< on average
  Response refusal{100ms, Verdict::failure};

  int refused = 0;
  std::vector<TimePoint> refusals{};  // when they were heard
  TimePoint last{};
  double tokens = 20;
  std::multiset<TimePoint> served{};

  bool admits(TimePoint now) {
    served.erase(served.begin(), served.upper_bound(now));
    tokens = std::min(20.0, tokens + rate * seconds(now - last));
    last = now;
    if (now >= away && now < back) return false;
    return std::ssize(served) < cap && (rate == 0 || tokens >= 1);
  }
  Response operator()(const Job& job, TimePoint now, int) {
    if (!admits(now)) {
      ++refused;
      refusals.push_back(now + refusal.takes);
      return refusal;
    }
    tokens -= 1;
    Random luck(number(job.id) * 100 + static_cast<std::uint64_t>(job.attempts));
    const Duration took = from_seconds(seconds(takes) * luck.uniform(0.8, 1.2));
    if (broken > 0 && number(job.id) % broken == 0) return {took / 2, Verdict::failure};
    served.insert(now + took);
    return {took};
  }
};

Setup hovering(int most, std::uint64_t seed = 1) {
  Setup setup;
  setup.bounds = {1, static_cast<int>(std::ceil(std::sqrt(most))), most, {}, 30s};
  setup.seed = seed;
  return setup;
}

/// One run, and what was seen of it.
struct Bench {
  struct Sample {
    TimePoint at;
    int limit;
  };

  Setup setup;
  Recorder seen{};
  std::vector<Sample> samples{};  // at each start
  TimePoint end{};
  int peak = 0;
  bool over_limit = false;

  bool run(Small& service, std::uint64_t jobs, TimePoint until = at(24h)) {
    Scheduler scheduler = setup.scheduler(seen);
    VirtualRun run(
        scheduler,
        [&](const Job& job, TimePoint now, int active) {
          samples.push_back({now, scheduler.limit()});
          return service(job, now, active);
        },
        jobs);
    const bool done = run.run(until);
    end = run.now;
    peak = run.peak;
    over_limit = run.over_limit;
    return done;
  }
  /// Jobs done a second within [from, to).
  double throughput(TimePoint from, TimePoint to) const {
    int n = 0;
    for (const auto& e : seen.ends) n += e.fate == Fate::done && e.at >= from && e.at < to;
    return n / seconds(to - from);
  }
  /// Attempts that started within [from, to).
  int starts(TimePoint from, TimePoint to) const {
    int n = 0;
    for (const auto& s : seen.starts) n += s.at >= from && s.at < to;
    return n;
  }
};

}  // namespace

TEST_CASE("it finds a cap of 12 and stays there") {
  Bench b{hovering(64)};
  Small service{.cap = 12};
  REQUIRE(b.run(service, 2000));
  CHECK(b.seen.count(Fate::done) == 2000);
  CHECK(service.refused <= 0.05 * 2000);
  for (const Bench::Sample& s : b.samples) {
    if (s.at < at(10s)) continue;
    CHECK(s.limit >= 6);
    CHECK(s.limit <= 16);
  }
  CHECK(b.throughput(at(10s), b.end) >= 0.9 * 12 / 0.5);
}

TEST_CASE("it finds a rate of 20 a second and stays there") {
  Bench b{hovering(64)};
  Small service{.rate = 20};
  REQUIRE(b.run(service, 2000));
  CHECK(b.seen.count(Fate::done) == 2000);
  CHECK(service.refused <= 0.15 * 2000);
  CHECK(b.throughput(at(10s), b.end) >= 0.9 * 20);
}

TEST_CASE("it starts with few, and without a limit is at all it may within seconds") {
  Bench b{hovering(64)};
  Small service;
  REQUIRE(b.run(service, 2000));
  CHECK(b.samples.front().limit == 8);
  CHECK(b.peak == 64);
  CHECK(b.throughput(at(5s), at(15s)) >= 0.95 * 64 / 0.5);
  CHECK(b.seen.cuts.empty());
}

TEST_CASE("it comes back within ten seconds of an outage, and has lost no job") {
  for (const Verdict verdict : {Verdict::failure, Verdict::overload}) {
    CAPTURE(static_cast<int>(verdict));
    Bench b{hovering(16)};
    Small service{.away = at(20s), .back = at(50s), .refusal = {100ms, verdict}};
    REQUIRE(b.run(service, 2000));
    CHECK(b.seen.count(Fate::done) == 2000);
    CHECK(service.refused <= 40);
    CHECK(b.throughput(at(62s), at(72s)) >= 0.95 * b.throughput(at(10s), at(20s)));
  }
}

TEST_CASE("while the service is away one probe at a time asks for it, ten seconds apart at most") {
  Bench b{hovering(16)};
  Small service{.away = at(20s), .back = at(60s)};
  REQUIRE(b.run(service, 1000));
  TimePoint last = never;
  for (const auto& s : b.seen.starts) {
    if (s.at < at(23s) || s.at >= at(60s)) continue;
    CHECK(s.in_flight == 1);
    if (last != never) {
      CHECK(s.at - last >= 2s);
      CHECK(s.at - last <= 10200ms);
    }
    last = s.at;
  }
  REQUIRE(last != never);
}

TEST_CASE("5 % broken jobs do not slow the other 95 %, of which at most 0.03 % are lost") {
  for (const int cap : {no_cap, 12}) {
    CAPTURE(cap);
    Duration took[2]{};
    int lost = 0;
    for (const bool broken : {false, true}) {
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Bench b{hovering(32, seed)};
        Small service{.cap = cap, .broken = broken ? 20U : 0U};
        REQUIRE(b.run(service, 2000));
        lost += static_cast<int>(b.seen.count(Fate::failed)) - (broken ? 100 : 0);
        took[broken ? 1 : 0] += b.end - at(0s);
      }
    }
    CHECK(lost <= 0.0003 * 10 * 2000);
    CHECK(seconds(took[1]) <= 1.2 * seconds(took[0]));
  }
}

TEST_CASE("a broken job is given up after three attempts, or four in trouble") {
  Bench b{hovering(32)};
  Small service{.broken = 50};
  REQUIRE(b.run(service, 2000));
  int three = 0;
  for (const auto& e : b.seen.ends) {
    if (e.fate != Fate::failed) continue;
    CHECK(e.attempts >= 3);
    CHECK(e.attempts <= 4);
    three += e.attempts == 3 ? 1 : 0;
  }
  CHECK(three >= 36);  // of 40
}

TEST_CASE("with Retry-After nothing starts before its time, and the rate is soon found") {
  Bench b{hovering(64)};
  Small service{.rate = 10, .refusal = {100ms, Verdict::overload, 2s}};
  REQUIRE(b.run(service, 1000));
  for (const TimePoint refusal : service.refusals) CHECK(b.starts(refusal, refusal + 2s) == 0);
  CHECK(b.seen.count(Fate::done) == 1000);
  CHECK(service.refused <= 0.1 * 1000);
  CHECK(b.throughput(at(10s), b.end) >= 0.9 * 10);
}

TEST_CASE("overload that was said is retried and never held against a job, also without retries") {
  Bench b{hovering(64)};
  b.setup.retry.max_attempts = 1;
  Small service{.cap = 4, .refusal = {100ms, Verdict::overload}};
  REQUIRE(b.run(service, 500));
  CHECK(b.seen.count(Fate::done) == 500);
  CHECK(service.refused > 0);
  CHECK(service.refused <= 0.1 * 500);
}

TEST_CASE("without a cap of the user's it stays near what the service takes") {
  Bench b{hovering(64)};
  b.setup.bounds = {1, 8, no_cap, {}, 30s};
  Small service{.cap = 12};
  REQUIRE(b.run(service, 2000));
  CHECK(b.seen.count(Fate::done) == 2000);
  CHECK(b.peak <= 24);
  CHECK(service.refused <= 0.05 * 2000);
}

TEST_CASE("without any cap it at most doubles in the time that one attempt takes") {
  Bench b{hovering(64)};
  b.setup.bounds = {1, 8, no_cap, {}, 30s};
  Small service;
  REQUIRE(b.run(service, 5000));
  CHECK(b.peak >= 500);
  for (const auto& s : b.seen.starts) {
    // The quickest takes 400 ms.
    CHECK(s.in_flight <= 8 * std::exp2(std::floor(seconds(s.at - at(0s)) / 0.4)));
  }
}

TEST_CASE("where more at once brings no more done, the slots do not go on growing") {
  Bench b{hovering(64)};
  const auto knee = [&](int active) { return from_seconds(0.1 * std::max(8, active)); };
  Scheduler scheduler = b.setup.scheduler(b.seen);
  int most = 0;
  VirtualRun run(
      scheduler,
      [&](const Job&, TimePoint now, int active) {
        if (now > at(30s)) most = std::max(most, active);
        return Response{knee(active)};
      },
      1000);
  REQUIRE(run.run());
  CHECK(most >= 8);
  CHECK(most <= 24);
}

TEST_CASE("one cut a generation: each is for an attempt that started after the one before") {
  class Generations : public EventSink {
   public:
    int cuts = 0;
    bool one_each = true;
    void on_event(const Event& event, TimePoint now) override {
      if (const auto* s = std::get_if<event::Started>(&event)) started_[s->job.id] = now;
      const auto* a = std::get_if<event::Adjusted>(&event);
      if (a == nullptr || a->kind != event::Adjusted::Kind::cut) return;
      ++cuts;
      one_each = one_each && started_[a->job.id] >= cut_;
      cut_ = now;
    }

   private:
    std::map<JobId, TimePoint> started_;
    TimePoint cut_{};
  } seen;
  Scheduler scheduler = hovering(64).scheduler(seen);
  Small service{.cap = 12, .rate = 15, .broken = 30};
  VirtualRun run(scheduler, std::ref(service), 2000);
  REQUIRE(run.run());
  CHECK(seen.cuts >= 3);
  CHECK(seen.one_each);
}

TEST_CASE("the limit is never below min nor above max, and never more run") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Bench b{hovering(20, seed)};
    b.setup.bounds.min_concurrency = 3;
    Small service{.cap = static_cast<int>(seed % 5), .refusal = {50ms, Verdict::overload}};
    service.away = at(5s);
    service.back = at(15s);
    b.run(service, 300, at(10min));
    for (const Bench::Sample& s : b.samples) {
      REQUIRE(s.limit >= 3);
      REQUIRE(s.limit <= 20);
    }
    CHECK(b.peak <= 20);
    CHECK_FALSE(b.over_limit);
  }
}

TEST_CASE("the same seed gives the same trace, and another one another") {
  const auto trace = [](std::uint64_t seed) {
    Bench b{hovering(64, seed)};
    Small service{.cap = 10, .rate = 15, .broken = 20};
    REQUIRE(b.run(service, 500));
    std::vector<std::tuple<std::uint64_t, TimePoint, int>> starts;
    for (const auto& s : b.seen.starts) starts.emplace_back(s.job, s.at, s.in_flight);
    return starts;
  };
  CHECK(trace(1) == trace(1));
  CHECK(trace(1) != trace(2));
}

TEST_CASE("where all jobs are broken it ends, and not long after a fixed limit would") {
  for (const int max_attempts : {1, 3}) {
    CAPTURE(max_attempts);
    Bench b{hovering(16)};
    b.setup.retry.max_attempts = max_attempts;
    Small service{.broken = 1, .takes = 2s};
    REQUIRE(b.run(service, 500));
    CHECK(b.seen.count(Fate::failed) == 500);
    // 16 at once, a second each.
    CHECK(seconds(b.end - at(0s)) <= 30 + 2.0 * max_attempts * 500 / 16);
    CHECK(std::ssize(b.seen.starts) <= max_attempts * 500 + 50);
  }
}

TEST_CASE("failing fast never means starting faster") {
  // At a wall that refuses within a millisecond; a success takes a second.
  Bench b{hovering(64)};
  Small service{.away = at(20s), .back = at(50s), .takes = 1s, .refusal = {1ms, Verdict::failure}};
  REQUIRE(b.run(service, 3000));
  CHECK(b.seen.count(Fate::done) == 3000);
  CHECK(b.starts(at(20s), at(50s)) <= 60);
}
