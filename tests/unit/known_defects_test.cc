// What has gone wrong in throttlers of this kind, one case each, so that it does not come back.
#include "lib/control/progress.h"
#include "tests/unit/catch.h"
#include "tests/unit/control_setup.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

constexpr std::array laws{Rule::hover, Rule::classic};

/// Without a circuit; with one retry after 1 s and another.
Setup setup(Rule rule, int initial, int max) {
  Setup s;
  s.rule = rule;
  s.bounds.initial_concurrency = initial;
  s.bounds.max_concurrency = max;
  s.circuit.consecutive_failures = 0;
  s.retry.backoff = Backoff::fixed;
  return s;
}

Response failure(Duration takes) {
  return {takes, Verdict::failure};
}

/// A scheduler that is asked by hand, with jobs without end.
struct Hand {
  Recorder seen;
  Scheduler scheduler;
  std::uint64_t given = 0;

  explicit Hand(const Setup& setup) : scheduler(setup.scheduler(seen)) {}

  /// The job that starts now, or 0.
  std::uint64_t start(TimePoint now) {
    for (;;) {
      const Step step = scheduler.next(now);
      if (const auto* start = std::get_if<Start>(&step)) return number(start->job.id);
      if (!std::holds_alternative<NeedInput>(step)) return 0;
      Job job;
      job.id = JobId{++given};
      scheduler.add(std::move(job), now);
    }
  }
  Fate end(std::uint64_t job, Verdict verdict, TimePoint now) {
    Outcome outcome;
    outcome.verdict = verdict;
    return scheduler.on_end(JobId{job}, now, outcome);
  }
};

}  // namespace

TEST_CASE("after a cut nothing starts while more run than the new limit") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Recorder seen;
    Scheduler scheduler = setup(law, 16, 16).scheduler(seen);
    // Four of the first sixteen time out; the others go on for long.
    const Service service = [](const Job& job, TimePoint now, int) {
      if (number(job.id) > 4 || job.attempts > 1) return Response{now < at(1s) ? 20s : 1s};
      Response late = failure(5s);
      late.timed_out = true;
      return late;
    };
    VirtualRun run(scheduler, service, 200);
    CHECK(run.run());
    REQUIRE_FALSE(seen.cuts.empty());
    CHECK(seen.cuts[0] == std::pair{16, 8});
    CHECK_FALSE(run.over_limit);
    for (const auto& start : seen.starts) CHECK((start.at <= at(5s) || start.at >= at(20s)));
  }
}

TEST_CASE("when the trouble is over the limit comes back, however low it was") {
  for (const Rule law : laws) {
    for (const int circuit : {0, 10}) {
      CAPTURE(static_cast<int>(law), circuit);
      Setup s = setup(law, 16, 16);
      s.circuit.consecutive_failures = circuit;
      Recorder seen;
      Scheduler scheduler = s.scheduler(seen);
      int lowest = 16;
      // For a while the service takes only two at once.
      const Service service = [&](const Job&, TimePoint now, int active) {
        lowest = std::min(lowest, scheduler.limit());
        const bool refused = active > 2 && now >= at(10s) && now < at(100s);
        return Response{500ms, refused ? Verdict::overload : Verdict::success};
      };
      VirtualRun run(scheduler, service, 100'000);
      const TimePoint then = at(law == Rule::hover ? 160s : 2000s);
      CHECK_FALSE(run.run(then));
      CHECK(lowest <= 2);
      CHECK(scheduler.limit() == 16);
      std::size_t last = 0;
      for (const auto& start : seen.starts) last += start.at > then - 10s;
      CHECK(last >= 288);  // of 320
    }
  }
}

TEST_CASE("when a gate opens, those that waited for it start one by one, as the others allow") {
  for (const Rule law : laws) {
    for (const bool paced : {true, false}) {
      CAPTURE(static_cast<int>(law), paced);
      Setup s = setup(law, paced ? 10 : 1, paced ? 10 : 1);
      if (paced) s.rate = Pacer::Settings{{1, 1s}};
      s.retry.base_delay = 30s;
      Recorder seen;
      Scheduler scheduler = s.scheduler(seen);
      const Service service = [](const Job& job, TimePoint, int) {
        return job.attempts == 1 ? failure(100ms) : Response{1s};
      };
      VirtualRun run(scheduler, service, 10);
      run.plan(at(20s), [&] { scheduler.set_closed(Gate::pause, true, run.now); });
      run.plan(at(100s), [&] { scheduler.set_closed(Gate::pause, false, run.now); });
      CHECK(run.run());
      REQUIRE(seen.starts.size() == 20);
      CHECK(seen.starts[9].at < at(20s));
      CHECK(seen.starts[10].at == at(100s));
      for (std::size_t i = 11; i < 20; ++i) {
        CHECK(seen.starts[i].at >= seen.starts[i - 1].at + 1s);
      }
    }
  }
}

TEST_CASE("five failures of one incident make one cut") {
  for (const Rule law : laws) {
    for (const Verdict verdict : {Verdict::overload, Verdict::failure}) {
      CAPTURE(static_cast<int>(law), static_cast<int>(verdict));
      Recorder seen;
      Scheduler scheduler = setup(law, 8, 8).scheduler(seen);
      const Service service = [&](const Job& job, TimePoint, int) {
        const bool fails = number(job.id) <= 5 && job.attempts == 1;
        return Response{1s + 50ms * static_cast<int>(number(job.id)),
                        fails ? verdict : Verdict::success};
      };
      VirtualRun run(scheduler, service, 30);
      CHECK(run.run());
      CHECK(seen.count(Fate::done) == 30);
      CHECK(seen.cuts.size() == 1);
    }
  }
}

TEST_CASE("an attempt that fails after the drain is not retried, and starts nothing") {
  for (const Rule law : laws) {
    for (const Verdict verdict : {Verdict::failure, Verdict::overload}) {
      CAPTURE(static_cast<int>(law), static_cast<int>(verdict));
      Hand hand(setup(law, 4, 4));
      for (std::uint64_t job = 1; job <= 4; ++job) REQUIRE(hand.start(at(0s)) == job);
      hand.scheduler.drain(at(1s));
      for (std::uint64_t job = 1; job <= 4; ++job) {
        CHECK(hand.end(job, job < 4 ? verdict : Verdict::success, at(5s)) ==
              (job < 4 ? Fate::not_done : Fate::done));
        CHECK(hand.start(at(5s)) == 0);
      }
      CHECK(std::holds_alternative<Done>(hand.scheduler.next(at(1h))));
      CHECK(hand.seen.starts.size() == 4);
    }
  }
}

TEST_CASE("what was queued before the circuit opened waits while it is open") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Setup s = setup(law, 8, 8);
    s.circuit.consecutive_failures = 5;
    s.retry.base_delay = 500ms;  // they come due while it is open
    Recorder seen;
    Scheduler scheduler = s.scheduler(seen);
    const Service service = [](const Job&, TimePoint now, int) {
      return Response{100ms, now < at(30s) ? Verdict::overload : Verdict::success};
    };
    VirtualRun run(scheduler, service, 100);
    CHECK(run.run());
    CHECK(seen.count(Fate::done) == 100);
    CHECK(seen.circuit.size() > 3);
    for (std::size_t i = 0; i + 1 < seen.circuit.size(); ++i) {
      const auto& circuit = seen.circuit[i];
      if (!circuit.open) continue;
      // One probe, when its time has come, decides what follows.
      CHECK(seen.circuit[i + 1].starts == circuit.starts + 1);
      CHECK(seen.starts[circuit.starts].at >= circuit.until);
    }
  }
}

TEST_CASE("a probe that is stopped, is permanent or cannot start makes way for another") {
  enum class Way { stopped, permanent, not_started };
  for (const Rule law : laws) {
    for (const Way way : {Way::stopped, Way::permanent, Way::not_started}) {
      CAPTURE(static_cast<int>(law), static_cast<int>(way));
      Setup s = setup(law, 8, 8);
      s.circuit.consecutive_failures = 3;
      Hand hand(s);
      for (std::uint64_t job = 1; job <= 3; ++job) REQUIRE(hand.start(at(0s)) == job);
      for (std::uint64_t job = 1; job <= 3; ++job) hand.end(job, Verdict::overload, at(1s));
      REQUIRE(hand.start(at(2999ms)) == 0);
      const std::uint64_t probe = hand.start(at(3s));
      REQUIRE(probe != 0);
      REQUIRE(hand.start(at(4s)) == 0);
      switch (way) {
        case Way::stopped: hand.end(probe, Verdict::stopped, at(4s)); break;
        case Way::permanent: hand.end(probe, Verdict::permanent, at(4s)); break;
        case Way::not_started: hand.scheduler.on_start_failed(JobId{probe}, at(4s), 11); break;
      }
      const std::uint64_t other = hand.start(at(4200ms));
      REQUIRE(other != 0);
      CHECK(hand.start(at(5s)) == 0);
      hand.end(other, Verdict::success, at(5s));
      CHECK(hand.start(at(6s)) != 0);
    }
  }
}

TEST_CASE("a job that was stopped is not retried, costs no attempt and is evidence of nothing") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Setup s = setup(law, 8, 8);
    s.circuit.consecutive_failures = 3;
    Hand hand(s);
    for (int round = 0; round < 5; ++round) {
      std::vector<std::uint64_t> jobs;
      while (const std::uint64_t job = hand.start(at(round * 1s))) jobs.push_back(job);
      CHECK(jobs.size() == 8);
      for (const std::uint64_t job : jobs) {
        CHECK(hand.end(job, Verdict::stopped, at(round * 1s + 500ms)) == Fate::not_done);
      }
    }
    for (const auto& end : hand.seen.ends) CHECK(end.attempts == 0);
    CHECK(hand.seen.starts.size() == 40);
    CHECK(hand.seen.cuts.empty());
    CHECK(hand.seen.circuit.empty());
    CHECK(hand.scheduler.limit() == 8);
  }
}

TEST_CASE("the time left is that of all slots together") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Recorder seen;
    Progress progress(at(0s));
    progress.set_total(1000);
    Tee sink(seen, progress);
    Scheduler scheduler = setup(law, 16, 16).scheduler(sink);
    const Service service = [](const Job& job, TimePoint, int) {
      return Response{500ms + number(job.id) * 37 % 101 * 10ms};
    };
    VirtualRun run(scheduler, service, 1000);
    CHECK_FALSE(run.run(at(20500ms)));
    const auto eta = progress.eta(run.now);
    REQUIRE(eta);
    const TimePoint then = run.now;
    CHECK(run.run());
    CHECK(seconds(eta->left) == Approx(seconds(run.now - then)).epsilon(0.1));
  }
}

TEST_CASE("a budget is overrun by what running jobs cost over their estimates, and no more") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Setup s = setup(law, 20, 20);
    s.budget = Rate{100, 60s};
    Recorder seen;
    Scheduler scheduler = s.scheduler(seen);
    const Service service = [](const Job&, TimePoint, int) {
      Response r{1s};
      r.cost = 30;
      return r;
    };
    VirtualRun run(scheduler, service, 40);
    run.make = [](std::uint64_t) {
      Job job;
      job.cost = 10;
      return job;
    };
    CHECK(run.run());
    CHECK(seen.count(Fate::done) == 40);
    // Ten run on their estimates. When those have left the window what came on top is still in it.
    for (std::size_t i = 0; i < 10; ++i) CHECK(seen.starts[i].at <= at(1s));
    CHECK(seen.starts[10].at >= at(61s));
    for (const auto& first : seen.starts) {
      std::size_t within = 0;
      for (const auto& start : seen.starts) {
        within += start.at >= first.at && start.at < first.at + 60s;
      }
      CHECK(30 * within <= 100 + 10 * (30 - 10));
    }
  }
}

TEST_CASE("an interval of 0 grows at each cut, to its maximum") {
  Setup s = setup(Rule::classic, 4, 4);
  s.retry.base_delay = 1ms;
  s.retry.overload = 1000;
  s.jitter = 0;
  Recorder seen;
  Scheduler scheduler = s.scheduler(seen);
  const Service service = [](const Job&, TimePoint, int) {
    return Response{1ms, Verdict::overload};
  };
  VirtualRun run(scheduler, service, 10);
  CHECK_FALSE(run.run(at(10min)));
  REQUIRE(seen.intervals.size() > 20);
  CHECK(seen.intervals[0] == 2ms);
  for (std::size_t i = 1; i < seen.intervals.size(); ++i) {
    CHECK(seen.intervals[i] == std::min(2 * seen.intervals[i - 1], Duration(30s)));
  }
  const std::size_t last = seen.starts.size() - 1;
  CHECK(seen.starts[last].at - seen.starts[last - 1].at == 30s);
}

TEST_CASE("progress comes to 100 %, however jobs end") {
  enum class Kind { succeeds, fails, is_refused, is_permanent, has_defect, costs_too_much };
  constexpr std::uint64_t kinds = 6;
  const auto kind_of = [](std::uint64_t job) { return static_cast<Kind>(job % kinds); };
  for (const Rule law : laws) {
    for (const bool refuses : {false, true}) {
      CAPTURE(static_cast<int>(law), refuses);
      Setup s = setup(law, 4, 8);
      s.circuit = {5, 2s, 1, refuses};
      s.retry.overload = 2;
      s.budget = Rate{50, 1s};
      Progress progress(at(0s));
      progress.set_total(120);
      Scheduler scheduler = s.scheduler(progress);
      const Service service = [&](const Job& job, TimePoint, int) {
        switch (kind_of(number(job.id))) {
          case Kind::fails: return failure(200ms);
          case Kind::is_refused: return Response{10ms, Verdict::overload};
          case Kind::is_permanent: return Response{10ms, Verdict::permanent};
          case Kind::succeeds:
          case Kind::has_defect:
          case Kind::costs_too_much: break;
        }
        return Response{200ms};
      };
      VirtualRun run(scheduler, service, 120);
      run.make = [&](std::uint64_t id) {
        Job job;
        if (kind_of(id) == Kind::has_defect) job.defect = "it holds a NUL byte";
        if (kind_of(id) == Kind::costs_too_much) job.cost = 51;
        return job;
      };
      CHECK(run.run());
      CHECK(progress.completed() == 120);
      CHECK(progress.seen() == 120);
      CHECK(progress.retrying() == 0);
      CHECK(progress.in_flight() == 0);
      if (const auto eta = progress.eta(run.now)) CHECK(eta->left == 0s);
    }
  }
}

TEST_CASE("jobs that a drain drops are counted, and leave nothing running or waiting") {
  for (const Rule law : laws) {
    for (const bool hold : {false, true}) {
      CAPTURE(static_cast<int>(law), hold);
      Setup s = setup(law, 4, 4);
      s.retry.base_delay = 10s;
      s.retry.hold_slot = hold;
      Recorder seen;
      Progress progress(at(0s));
      Tee sink(seen, progress);
      Scheduler scheduler = s.scheduler(sink);
      const Service service = [](const Job& job, TimePoint, int) {
        return number(job.id) % 2 == 0 ? failure(1s) : Response{1s};
      };
      VirtualRun run(scheduler, service, 100);
      run.plan(at(5500ms), [&] { scheduler.drain(run.now); });
      CHECK(run.run());
      CHECK_FALSE(seen.dropped.empty());
      CHECK(progress.stopped() > 0);
      CHECK(progress.completed() + progress.stopped() == progress.seen());
      CHECK(progress.retrying() == 0);
      CHECK(progress.in_flight() == 0);
    }
  }
}

TEST_CASE(
    "while draining nothing starts: not what was queued, nor retries, nor when a gate opens") {
  for (const Rule law : laws) {
    CAPTURE(static_cast<int>(law));
    Hand hand(setup(law, 4, 4));
    Scheduler& scheduler = hand.scheduler;
    for (std::uint64_t job = 1; job <= 4; ++job) REQUIRE(hand.start(at(0s)) == job);
    for (std::uint64_t job = 5; job <= 20; ++job) {
      Job queued;
      queued.id = JobId{job};
      scheduler.add(std::move(queued), at(0s));
    }
    scheduler.set_closed(Gate::pause, true, at(500ms));
    hand.end(1, Verdict::failure, at(1s));
    hand.end(2, Verdict::overload, at(1s));
    CHECK(hand.start(at(10s)) == 0);  // two retries are due
    scheduler.drain(at(10s));
    scheduler.set_closed(Gate::pause, false, at(11s));
    for (const Duration now : {11s, 100s, 1000s}) CHECK(hand.start(at(now)) == 0);
    scheduler.on_start_failed(JobId{3}, at(1000s), 11);
    hand.end(4, Verdict::success, at(1000s));
    CHECK(std::holds_alternative<Done>(scheduler.next(at(1000s))));
    CHECK(hand.seen.starts.size() == 4);
    CHECK(hand.seen.dropped.size() == 16 + 2 + 1);
  }
}

TEST_CASE("a rate that allows less than one start in its bucket does not hang") {
  for (const Rule law : laws) {
    for (const auto mode : {Pacer::Mode::drip, Pacer::Mode::burst, Pacer::Mode::exact}) {
      for (const auto unit : {Pacer::Unit::starts, Pacer::Unit::cost}) {
        CAPTURE(static_cast<int>(law), static_cast<int>(mode), static_cast<int>(unit));
        Setup s = setup(law, 4, 4);
        s.rate = Pacer::Settings{{1, 10s}, mode, 1, unit};
        Recorder seen;
        Scheduler scheduler = s.scheduler(seen);
        VirtualRun run(
            scheduler, [](const Job&, TimePoint, int) { return Response{1s}; }, 5);
        CHECK(run.run());
        CHECK(seen.count(Fate::done) == 5);
        CHECK(seen.starts.back().at == at(40s));
      }
    }
  }
}

TEST_CASE("aimd at its least rate, under one start a second, goes on") {
  Setup s = setup(Rule::aimd, 4, 4);
  s.aimd.min_rate = 0.05;
  s.retry.overload = 1000;
  Recorder seen;
  Scheduler scheduler = s.scheduler(seen);
  const Service service = [](const Job&, TimePoint now, int) {
    return Response{1s, now < at(1000s) ? Verdict::overload : Verdict::success};
  };
  VirtualRun run(scheduler, service, 10);
  CHECK_FALSE(run.run(at(1000s)));
  CHECK(seen.intervals.back() == 20s);
  CHECK(run.run(at(2000s)));
  CHECK(seen.count(Fate::done) == 10);
}
