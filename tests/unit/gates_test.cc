// The rate and the budget as the scheduler meets them: hours of starts in virtual time.
#include <map>

#include "lib/control/fixed.h"
#include "lib/control/pacer.h"
#include "lib/control/random.h"
#include "lib/control/token_budget.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

using Mode = Pacer::Mode;
using Unit = Pacer::Unit;

/// A scheduler with a fixed law, and the gates under test.
struct Bench {
  Controller::Gates gates;
  Recorder seen;
  std::optional<Scheduler> scheduler;

  explicit Bench(int most = 1000) {
    Bounds bounds;
    bounds.initial_concurrency = bounds.max_concurrency = most;
    gates.law = std::make_unique<Fixed>(bounds, 0, 1);
    gates.circuit.consecutive_failures = 0;
  }
  void begin() { scheduler.emplace(Controller(std::move(gates)), Retry({}, 1), seen); }

  Duration run(std::uint64_t jobs, Duration each = 10ms) {
    begin();
    const Service quick = [each](const Job&, TimePoint, int) { return Response{each}; };
    VirtualRun run(*scheduler, quick, jobs);
    REQUIRE(run.run(at(1000 * 24h)));
    REQUIRE(seen.count(Fate::done) == jobs);
    return seen.starts.back().at - TimePoint{};
  }
};

Pacer pacer(Rate rate, Mode mode = Mode::drip, Cost burst = 1, Unit unit = Unit::starts) {
  return Pacer({rate, mode, burst, unit});
}

Job job_of(std::uint64_t id, Cost cost) {
  Job job;
  job.id = JobId{id};
  job.cost = cost;
  return job;
}

Attempt attempt_of(Cost cost, TimePoint now) {
  Attempt a;
  a.cost = cost;
  a.started = now;
  return a;
}

Duration random_duration(Random& random, Duration most) {
  return from_seconds(random.uniform(0, seconds(most)));
}

}  // namespace

TEST_CASE("drip keeps starts apart: the last of n starts comes (n - 1) T/N after the first") {
  Bench b;
  b.gates.pacer = pacer({20, 1s});
  CHECK(b.run(101) == 5s);
}

TEST_CASE("a start that is up to 20 ms late does not put the others off, one that is later does") {
  Pacer drip = pacer({100, 1s});
  drip.on_start(at(0s), 1);
  CHECK(drip.next_start(1).at == at(10ms));
  drip.on_start(at(30ms), 1);  // 20 ms late
  CHECK(drip.next_start(1).at == at(20ms));
  drip.on_start(at(30ms), 1);
  CHECK(drip.next_start(1).at == at(30ms));
  drip.on_start(at(50ms) + Duration(1), 1);
  CHECK(drip.next_start(1).at == at(60ms) + Duration(1));
}

TEST_CASE("a burst goes at once, and then the rate holds") {
  Bench b;
  b.gates.pacer = pacer({20, 1s}, Mode::burst, 11);
  CHECK(b.run(111) == 5s);
  CHECK(b.seen.starts[10].at == at(0s));
  CHECK(b.seen.starts[11].at == at(50ms));
}

TEST_CASE("exact lets N go at once, and the next N a window later") {
  Bench b;
  b.gates.pacer = pacer({20, 1s}, Mode::exact);
  CHECK(b.run(101) == 5s);
  CHECK(b.seen.starts[19].at == at(0s));
  CHECK(b.seen.starts[20].at == at(1s));
}

TEST_CASE("a rate of less than one start in its burst does not hang") {
  for (const Mode mode : {Mode::drip, Mode::burst, Mode::exact}) {
    Bench b;
    b.gates.pacer = pacer({1, 10s}, mode);
    CHECK(b.run(7) == 60s);
  }
}

TEST_CASE("a start that is paid by its cost waits for what those before it cost") {
  Bench b;
  b.gates.pacer = pacer({10, 1s}, Mode::drip, 1, Unit::cost);
  b.begin();
  Scheduler& s = *b.scheduler;
  s.add(job_of(1, 10), at(0s));
  s.add(job_of(2, 1), at(0s));
  s.add(job_of(3, 5), at(0s));
  REQUIRE(std::holds_alternative<Start>(s.next(at(0s))));
  const Wait wait = std::get<Wait>(s.next(at(500ms)));
  CHECK(wait.until == at(1s));
  CHECK(wait.gate == Gate::rate);
  REQUIRE(std::holds_alternative<Start>(s.next(at(1s))));
  REQUIRE(std::holds_alternative<Wait>(s.next(at(1100ms - 1ns))));
  REQUIRE(std::holds_alternative<Start>(s.next(at(1100ms))));
}

TEST_CASE(
    "a job that the rate or the budget can never let through fails at once, with the reason") {
  Bench b;
  b.gates.pacer = pacer({100, 1s}, Mode::burst, 50, Unit::cost);
  b.gates.budget = TokenBudget({40, 60s});
  b.begin();
  Scheduler& s = *b.scheduler;
  s.add(job_of(1, 40), at(0s));
  s.add(job_of(2, 41), at(0s));
  s.add(job_of(3, 51), at(0s));
  CHECK(b.seen.ends.size() == 2);
  CHECK(b.seen.count(Fate::failed) == 2);
  s.close_input();
  REQUIRE(std::holds_alternative<Start>(s.next(at(0s))));
}

TEST_CASE("what never fits is said in words") {
  Bench b;
  b.gates.pacer = pacer({100, 1s}, Mode::exact, 1, Unit::cost);
  Controller rate(std::move(b.gates));
  CHECK(rate.misfit(100) == "");
  CHECK(rate.misfit(101) == "it costs 101, and the rate never lets more than 100 through at once");
  Bench c;
  c.gates.budget = TokenBudget({40, 60s});
  Controller budget(std::move(c.gates));
  CHECK(budget.misfit(40) == "");
  CHECK(budget.misfit(41) == "it costs 41, and the token budget is 40 in 1m 0s");
  Bench d;
  d.gates.pacer = pacer({1, 10s});
  CHECK(Controller(std::move(d.gates)).misfit(1'000'000) == "");
}

TEST_CASE("what failed to start for want of local resources is given back to rate and budget") {
  Bench b;
  b.gates.pacer = pacer({1, 10s});
  b.gates.budget = TokenBudget({1, 10s});
  b.begin();
  Scheduler& s = *b.scheduler;
  s.add(job_of(1, 1), at(0s));
  REQUIRE(std::holds_alternative<Start>(s.next(at(1s))));
  s.on_start_failed(JobId{1}, at(1s), 11);
  CHECK(std::get<Wait>(s.next(at(1s))).gate == Gate::local);
  REQUIRE(std::holds_alternative<Start>(s.next(at(1100ms))));
}

TEST_CASE("retries ask the rate again") {
  Bench b;
  b.gates.pacer = pacer({1, 1s}, Mode::exact);
  b.begin();
  const Service service = [](const Job& job, TimePoint, int) {
    return Response{1ms, job.attempts < 3 ? Verdict::failure : Verdict::success};
  };
  VirtualRun run(*b.scheduler, service, 10);
  REQUIRE(run.run());
  REQUIRE(b.seen.starts.size() == 30);
  for (std::size_t i = 1; i < b.seen.starts.size(); ++i) {
    CHECK(b.seen.starts[i].at - b.seen.starts[i - 1].at >= 1s);
  }
}

TEST_CASE("every mode starts no more than it may, whatever comes, and never stalls") {
  Random random(5);
  for (int round = 0; round < 60; ++round) {
    const Rate rate{1 + random.next() % 40, 1ms + random_duration(random, 5s)};
    const Mode mode = std::array{Mode::drip, Mode::burst, Mode::exact}[random.next() % 3];
    const Cost burst = 1 + random.next() % 30;
    CAPTURE(round, rate.amount, rate.period.count(), static_cast<int>(mode), burst);
    Bench b(static_cast<int>(1 + random.next() % 20));
    b.gates.pacer = pacer(rate, mode, burst);
    b.begin();
    const Service service = [&](const Job& job, TimePoint, int) {
      const bool fails = random.next() % 5 == 0 && job.attempts < 3;
      return Response{1ms + random_duration(random, 300ms),
                      fails ? Verdict::overload : Verdict::success};
    };
    VirtualRun run(*b.scheduler, service, 200);
    REQUIRE(run.run());
    CHECK(b.seen.count(Fate::done) == 200);
    const auto most = [&](Duration t) {
      if (mode == Mode::exact) return t < rate.period ? static_cast<double>(rate.amount) : 1e9;
      const double saved = mode == Mode::drip ? 1 : static_cast<double>(burst);
      if (mode == Mode::drip) t += 20ms;
      return saved + seconds(t) / seconds(rate.period) * static_cast<double>(rate.amount) + 1e-6;
    };
    bool kept = true;
    const auto& starts = b.seen.starts;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      for (std::size_t j = i; j < starts.size(); ++j) {
        kept = kept && static_cast<double>(j - i + 1) <= most(starts[j].at - starts[i].at);
      }
    }
    CHECK(kept);
  }
}

TEST_CASE("a budget is spent at the start and settled at the end") {
  TokenBudget budget({100, 60s});
  const Attempt a = attempt_of(60, at(0s));
  budget.on_start(a);
  CHECK(budget.next_start(40).at <= at(0s));
  CHECK(budget.next_start(41).at == at(60s));
  CHECK(budget.next_start(41).gate == Gate::budget);
  budget.on_end(a, Cost{10}, at(5s));
  CHECK(budget.spent(at(5s)) == 10);
  CHECK(budget.next_start(90).at <= at(5s));
  const Attempt b = attempt_of(50, at(10s));
  budget.on_start(b);
  budget.on_end(b, Cost{95}, at(20s));
  CHECK(budget.spent(at(20s)) == 105);
  CHECK(budget.spent(at(60s)) == 95);
  CHECK(budget.spent(at(70s)) == 45);
  CHECK(budget.spent(at(80s)) == 0);
}

TEST_CASE("an attempt that does not tell its cost keeps the estimate, however it ended") {
  TokenBudget budget({100, 60s});
  const Attempt a = attempt_of(30, at(0s));
  budget.on_start(a);
  budget.on_end(a, {}, at(1s));
  CHECK(budget.spent(at(1s)) == 30);
}

TEST_CASE("a start later than the window still settles what it cost more, and gives nothing back") {
  TokenBudget budget({100, 60s});
  const Attempt dear = attempt_of(10, at(0s));
  const Attempt cheap = attempt_of(10, at(0s));
  budget.on_start(dear);
  budget.on_start(cheap);
  CHECK(budget.spent(at(60s)) == 0);
  budget.on_start(attempt_of(5, at(99s)));
  budget.on_end(dear, Cost{80}, at(100s));
  budget.on_end(cheap, Cost{0}, at(100s));
  CHECK(budget.spent(at(100s)) == 75);
}

TEST_CASE("every end settles the budget: success, failure, overload, permanent and stopped") {
  for (const Verdict verdict : {Verdict::success, Verdict::failure, Verdict::overload,
                                Verdict::permanent, Verdict::stopped}) {
    Bench b;
    b.gates.budget = TokenBudget({100, 60s});
    Controller controller(std::move(b.gates));
    Attempt a = attempt_of(1, at(0s));
    a.id = AttemptId{1};
    controller.on_start(a);
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.cost = 100;
    controller.on_end(a, outcome, at(1s));
    CHECK(controller.next_start(at(1s), 0, 1).at == at(60s));
    CHECK(controller.next_start(at(1s), 0, 1).gate == Gate::budget);
  }
}

TEST_CASE("a budget is used up to a grain of its window") {
  Bench b;
  b.gates.budget = TokenBudget({100, 1s});
  const double ran = seconds(b.run(10'000, 3ms));
  CHECK(ran >= 99);
  CHECK(ran <= 99.2);
}

TEST_CASE("a budget is overrun by no more than what running attempts cost over their estimates") {
  Random random(6);
  for (int round = 0; round < 100; ++round) {
    const Rate limit{20 + random.next() % 200, 100ms + random_duration(random, 5s)};
    CAPTURE(round, limit.amount, limit.period.count());
    TokenBudget budget(limit);
    struct Spent {
      TimePoint at;
      Cost cost;
    };
    std::vector<Spent> spent;  // each attempt at its start, and what it cost more at its end
    struct Running {
      Attempt attempt;
      Cost actual;
      std::size_t entry;
    };
    std::multimap<TimePoint, Running> running;
    TimePoint now = at(1s);
    Cost overrun = 0;  // of all that ran at the last start
    const auto within = [&](TimePoint end) {
      Cost sum = 0;
      for (const Spent& s : spent) sum += s.at + limit.period > end ? s.cost : 0;
      return sum;
    };
    for (int i = 0; i < 400; ++i) {
      const Cost cost = 1 + random.next() % 20;
      const TimePoint start = budget.next_start(cost).at;
      REQUIRE(start < never);
      const bool end_first = !running.empty() && (running.begin()->first <= std::max(now, start) ||
                                                  running.size() > 20);
      if (end_first) {
        now = std::max(now, running.begin()->first);
        const Running r = running.extract(running.begin()).mapped();
        budget.on_end(r.attempt, r.actual, now);
        if (r.actual > r.attempt.cost) {
          spent.push_back({now, r.actual - r.attempt.cost});
        } else {
          spent[r.entry].cost = r.actual;
        }
        REQUIRE(within(now) <= limit.amount + overrun);
        continue;
      }
      now = std::max(now, start);
      const Attempt attempt = attempt_of(cost, now);
      budget.on_start(attempt);
      spent.push_back({now, cost});
      running.emplace(now + random_duration(random, 2 * limit.period),
                      Running{attempt, random.next() % 40, spent.size() - 1});
      // A start is never what takes it over the limit; only settling is.
      REQUIRE(within(now) <= limit.amount);
      overrun = 0;
      for (const auto& [end, r] : running) {
        overrun += r.actual - std::min(r.actual, r.attempt.cost);
      }
    }
  }
}
