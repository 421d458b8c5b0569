// The same settings, seed and calls give the same decisions, to the last digit.
#include "tests/unit/decision_log.h"

#include "tests/unit/catch.h"
#include "tests/unit/random_plan.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

class Nobody : public EventSink {
 public:
  void on_event(const Event&, TimePoint) override {}
};

/// A random controller in a random world.
struct Run {
  Setup setup;
  World world;
  std::uint64_t jobs_seed;

  explicit Run(std::uint64_t seed) {
    Chance chance(seed);
    setup = random_setup(chance);
    world = random_world(chance);
    jobs_seed = chance.seed();
  }

  Log decisions() const {
    RandomJobs jobs(world, jobs_seed);
    Nobody nobody;
    Scheduler scheduler = setup.scheduler(nobody);
    LoggedScheduler logged(scheduler);
    BasicVirtualRun<LoggedScheduler> run(
        logged, [&](const Job&, TimePoint now, int active) { return jobs.respond(now, active); },
        world.jobs);
    prepare(run, logged, world, jobs);
    run.run();
    return logged.log();
  }
  Log replayed(const Log& log) const {
    Nobody nobody;
    Scheduler scheduler = setup.scheduler(nobody);
    return replay(log, scheduler);
  }
};

/// The first lines that differ; empty where none do.
std::string difference(const Log& a, const Log& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string left = i < a.size() ? a[i] : "nothing";
    const std::string right = i < b.size() ? b[i] : "nothing";
    if (left != right) return "line " + std::to_string(i + 1) + ": " + left + " | " + right;
  }
  return {};
}

/// A run with chance in its decisions: jitter between starts and in backoffs.
Run erratic(Rule rule) {
  Run run(1);
  run.setup = Setup{};
  run.setup.rule = rule;
  run.setup.bounds.min_interval = rule == Rule::hover ? 0ms : 10ms;
  run.world = World{};
  run.world.jobs = 100;
  run.world.longest = 1s;
  run.world.overloads = 0.1;
  return run;
}

}  // namespace

TEST_CASE("a log of decisions replays line for line on a fresh scheduler") {
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Run run(seed);
    const Log log = run.decisions();
    CHECK(difference(log, run.replayed(log)) == "");
    lines += log.size();
  }
  CHECK(lines > 50'000);
}

TEST_CASE("the same seed and inputs give the same decisions twice, another seed gives others") {
  for (const Rule rule : {Rule::hover, Rule::classic, Rule::fixed}) {
    CAPTURE(static_cast<int>(rule));
    Run run = erratic(rule);
    const Log log = run.decisions();
    CHECK(difference(log, run.decisions()) == "");
    ++run.setup.seed;
    CHECK(difference(log, run.decisions()) != "");
    CHECK(difference(log, run.replayed(log)) != "");
  }
}

TEST_CASE("a replay shows the first decision that is not the same") {
  Run run = erratic(Rule::classic);
  const Log log = run.decisions();
  run.setup.bounds.initial_concurrency = 7;
  const std::string first = difference(log, run.replayed(log));
  CHECK(first == "line 1: 0 next -> input never, limit 8 | 0 next -> input never, limit 7");
}

TEST_CASE("a line of the log says when, what was asked and what was answered") {
  Setup setup;
  setup.rule = Rule::classic;
  Nobody nobody;
  Scheduler scheduler = setup.scheduler(nobody);
  LoggedScheduler logged(scheduler);
  Job job;
  job.id = JobId{1};
  job.cost = 3;
  logged.add(job, at(0s));
  logged.next(at(1s));
  logged.on_started();
  logged.set_closed(Gate::pause, true, at(2s));
  job.id = JobId{2};
  logged.add(job, at(2s));
  logged.next(at(2s));
  Outcome outcome;
  outcome.verdict = Verdict::overload;
  outcome.cost = 5;
  outcome.retry_after = 7ns;
  logged.on_end(JobId{1}, at(3s), outcome);
  job.id = JobId{3};
  job.defect = "it holds a NUL byte";
  logged.add(job, at(4s));
  logged.close_input();
  logged.drain(at(5s));
  logged.next(at(5s));
  CHECK(logged.log() ==
        Log{
            "0 add 1 cost=3 defect= -> limit 8",
            "1000000000 next -> start 1 attempt 1 slot 1, limit 8",
            "- started -> limit 8",
            "2000000000 close pause -> limit 8",
            "2000000000 add 2 cost=3 defect= -> limit 8",
            "2000000000 next -> wait never pause, limit 8",
            "3000000000 end 1 overload retry_after=7 cost=5 timed_out=0 -> retry, limit 4",
            "4000000000 add 3 cost=3 defect=it holds a NUL byte -> limit 4",
            "- close_input -> limit 4",
            "5000000000 drain -> limit 4",
            "5000000000 next -> done, limit 4",
        });
  Scheduler fresh = setup.scheduler(nobody);
  CHECK(replay(logged.log(), fresh) == logged.log());
}
