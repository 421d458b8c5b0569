// What holds for the whole controller whatever its settings, the service, the input and the person
// before it do: hundreds of random runs, watched at every step.
#include <deque>
#include <set>
#include <unordered_map>

#include "lib/control/progress.h"
#include "lib/core/overloaded.h"
#include "tests/unit/catch.h"
#include "tests/unit/random_plan.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// Starts, or their cost, against the bound of the user's rate. Whole numbers, in 1/N ns.
class RateBound {
 public:
  explicit RateBound(const Pacer::Settings& rate) : rate_(rate) {}

  void start(TimePoint now, Cost cost) {
    starts_.push_back({now, rate_.unit == Pacer::Unit::starts ? 1 : cost});
  }
  void take_back() { starts_.pop_back(); }

  bool kept() const { return rate_.mode == Pacer::Mode::exact ? kept_exact() : kept_bucket(); }

 private:
  struct Start {
    TimePoint at;
    Cost cost;
  };

  /// Never more than N within any T.
  bool kept_exact() const {
    Cost sum = 0;
    auto first = starts_.begin();
    for (const Start& start : starts_) {
      sum += start.cost;
      for (; first->at + rate_.rate.period <= start.at; ++first) sum -= first->cost;
      if (sum > rate_.rate.amount) return false;
    }
    return true;
  }
  /// Never more than B + t N/T within any t; of drip B is the largest cost, and starts may be 20 ms
  /// late. That is the fill of a bucket that leaks.
  bool kept_bucket() const {
    const std::int64_t period = rate_.rate.period.count();
    Cost most = 1;
    for (const Start& start : starts_) most = std::max(most, start.cost);
    if (rate_.mode == Pacer::Mode::burst) most = rate_.burst;
    const Duration late = rate_.mode == Pacer::Mode::drip ? Duration(20ms) : Duration{};
    const std::int64_t full = static_cast<std::int64_t>(most) * period +
                              late.count() * static_cast<std::int64_t>(rate_.rate.amount);
    std::int64_t fill = 0;
    TimePoint last{};
    for (const Start& start : starts_) {
      const std::int64_t leaked =
          (start.at - last).count() * static_cast<std::int64_t>(rate_.rate.amount);
      last = start.at;
      fill =
          std::max<std::int64_t>(0, fill - leaked) + static_cast<std::int64_t>(start.cost) * period;
      if (fill > full) return false;
    }
    return true;
  }

  Pacer::Settings rate_;
  std::deque<Start> starts_;
};

/// The token budget's own books: estimates from the start on, what was more from the end on.
class BudgetBound {
 public:
  explicit BudgetBound(Rate limit) : limit_(limit) {}

  /// False where this start takes the window over the limit: only settling may.
  bool start(JobId job, TimePoint now, Cost cost) {
    running_[job] = spent_.size();
    spent_.push_back({now, cost});
    Cost sum = 0;
    for (auto s = spent_.rbegin(); s != spent_.rend() && s->at + limit_.period > now; ++s) {
      sum += s->cost;
    }
    return sum <= limit_.amount;
  }
  void take_back(JobId job) {
    spent_.pop_back();
    running_.erase(job);
  }
  void end(JobId job, TimePoint now, std::optional<Cost> actual) {
    const std::size_t entry = running_.extract(job).mapped();
    if (!actual) return;
    const Cost estimate = spent_[entry].cost;
    if (*actual > estimate) {
      spent_.push_back({now, *actual - estimate});
    } else {
      spent_[entry].cost = *actual;
    }
  }

 private:
  struct Spent {
    TimePoint at;
    Cost cost;
  };

  Rate limit_;
  std::vector<Spent> spent_;
  std::unordered_map<JobId, std::size_t> running_;
};

/// Watches a run; remembers the first thing that does not hold.
class Invariants : public EventSink {
 public:
  explicit Invariants(const Setup& setup)
      : setup_(setup),
        cost_(setup.budget.value_or(Rate{})),
        rate_(setup.rate.value_or(Pacer::Settings{})) {}

  const Scheduler* scheduler = nullptr;
  std::string broken;
  int cuts = 0, circuits = 0;

  void on_event(const Event& event, TimePoint now) override {
    now_ = now;
    std::visit(Overloaded{
                   [&](const event::Started& e) { started(e); },
                   [&](const event::Ended& e) { ended(e); },
                   [&](const event::Dropped& e) {
                     must(scheduler->draining(), "a job is dropped only by a drain");
                     Seen& job = jobs_[e.job.id];
                     must(job.state != State::running, "a job that runs is not dropped");
                     end(job);
                   },
                   [&](const event::Adjusted& e) { adjusted(e); },
                   [&](const event::Starved& e) { starved(e); },
                   [](const event::Paused&) {},
                   [](const event::Changed&) {},
                   [](const event::FleetMoved&) {},
                   [&](const event::CircuitMoved& e) { circuit_moved(e); },
                   [](const event::JobsBlamed&) {},
                   [&](const event::Draining&) { drained_ = true; },
                   [](const event::Stopping&) {},
               },
               event);
  }

  void watch(const Step& step) {
    const Bounds& bounds = setup_.bounds;
    const int limit = scheduler->limit();
    must(limit >= 1 && limit <= bounds.max_concurrency, "1 <= limit <= max");
    must(limit >= bounds.min_concurrency || starved_, "min <= limit");
    must(scheduler->running() <= bounds.max_concurrency, "in flight <= max");
    if (std::holds_alternative<Start>(step)) {
      must(scheduler->running() <= limit, "in flight <= limit after a start");
      must(!drained_, "nothing starts after the drain");
    }
    if (const auto* wait = std::get_if<Wait>(&step)) {
      must(wait->gate != Gate::circuit || wait->until < never || !probes_.empty(),
           "an open circuit has a probe out or due");
    }
  }

  /// Once the run is over: `given` of its `jobs` were read.
  void finish(std::uint64_t given, std::uint64_t jobs) {
    must(!setup_.rate || rate_.kept(), "starts within the rate's bound in every window");
    std::uint64_t ended = 0;
    for (const auto& [id, job] : jobs_) ended += job.state == State::ended ? 1 : 0;
    must(ended == given, "every job that was read has ended");
    must(drained_ || given == jobs, "without a drain every job is read");
  }

 private:
  enum class State { fresh, running, waiting, ended };
  struct Seen {
    State state = State::fresh;
    int attempts = 0;
    std::uint64_t last_start = 0;
  };

  void must(bool holds, const char* what) {
    if (holds || !broken.empty()) return;
    broken = std::string(what) + ", but not at " + std::to_string(now_.time_since_epoch().count()) +
             " ns";
  }

  void started(const event::Started& e) {
    Seen& job = jobs_[e.job.id];
    must(job.state == State::fresh || job.state == State::waiting, "a job runs once at a time");
    job.state = State::running;
    job.last_start = ++starts_;
    ++job.attempts;
    must(job.attempts <= setup_.retry.max_attempts + setup_.retry.overload,
         "attempts <= max_attempts + overload retries");
    must(job.attempts == e.job.attempts, "the job knows its attempts");
    must(e.in_flight <= setup_.bounds.max_concurrency, "in flight and held slots <= max");
    for (const Gate gate : {Gate::pause, Gate::output}) {
      must(!scheduler->is_closed(gate), "nothing starts behind a closed gate");
    }
    const bool busy = scheduler->is_closed(Gate::load) || scheduler->is_closed(Gate::memory);
    must(!busy || scheduler->running() == 1, "on a busy machine nothing starts beside others");
    must(now_ >= asked_to_wait_until_, "nothing starts before a Retry-After is over");
    if (circuit_open_) {
      must(now_ >= open_until_, "nothing starts before the circuit lets a probe through");
      probes_.insert(e.job.id);
      must(std::ssize(probes_) <= setup_.circuit.half_open_max_calls,
           "no more probes than half_open_max_calls");
    }
    if (setup_.rate) rate_.start(now_, e.job.cost);
    if (setup_.budget) {
      must(cost_.start(e.job.id, now_, e.job.cost), "no start goes over the budget");
    }
  }

  void starved(const event::Starved& e) {
    starved_ = true;
    Seen& job = jobs_[e.job.id];
    must(job.state == State::running, "only a job that was started can starve");
    job.state = --job.attempts > 0 ? State::waiting : State::fresh;
    probes_.erase(e.job.id);
    if (setup_.rate) rate_.take_back();
    if (setup_.budget) cost_.take_back(e.job.id);
  }

  void ended(const event::Ended& e) {
    Seen& job = jobs_[e.job.id];
    if (e.attempted) {
      must(job.state == State::running, "only what runs ends");
      probes_.erase(e.job.id);
      if (setup_.budget) cost_.end(e.job.id, now_, e.outcome.cost);
    }
    if (e.outcome.retry_after) {
      asked_to_wait_until_ = std::max(asked_to_wait_until_, now_ + *e.outcome.retry_after);
    }
    const Verdict verdict = e.outcome.verdict;
    switch (e.fate) {
      case Fate::done: must(verdict == Verdict::success, "done means success"); break;
      case Fate::retry:
        must(!drained_, "nothing is retried after the drain");
        must(verdict == Verdict::failure || verdict == Verdict::overload,
             "only failures and refusals are retried");
        job.state = State::waiting;
        return;
      case Fate::failed: must(verdict != Verdict::stopped, "what we stop has not failed"); break;
      case Fate::fallback: must(false, "nobody has set up a fallback"); break;
      case Fate::not_done:
        must(drained_ || verdict == Verdict::stopped, "only a drain or a stop leaves jobs");
        break;
    }
    end(job);
  }
  void end(Seen& job) {
    must(job.state != State::ended, "a job ends once");
    job.state = State::ended;
  }

  void adjusted(const event::Adjusted& e) {
    must(e.interval >= 0s, "an interval is none or more");
    if (e.kind != event::Adjusted::Kind::cut) return;
    ++cuts;
    // At the end of a retry hover may take a cut back, and that may lower what has grown since.
    if (setup_.rule == Rule::hover && e.job.failures + e.job.overloads > 0) return;
    must(jobs_[e.job.id].last_start > starts_before_cut_, "one cut a generation");
    starts_before_cut_ = starts_;
  }

  void circuit_moved(const event::CircuitMoved& e) {
    if (e.open) ++circuits;
    circuit_open_ = e.open;
    open_until_ = e.until;
    probes_.clear();
  }

  Setup setup_;
  BudgetBound cost_;
  RateBound rate_;
  TimePoint now_{};
  std::unordered_map<JobId, Seen> jobs_;
  std::uint64_t starts_ = 0, starts_before_cut_ = 0;
  bool drained_ = false, starved_ = false;
  TimePoint asked_to_wait_until_{};
  bool circuit_open_ = false;
  TimePoint open_until_{};
  std::set<JobId> probes_;
};

/// What all runs together have met: a property that never had its chance is worth nothing.
struct Met {
  std::array<Duration, gate_count> waited{};
  int cuts = 0, circuits = 0, drains = 0;
  std::uint64_t done = 0, failed = 0, stopped = 0;
};

void run_one(std::uint64_t seed, Met& met) {
  Chance chance(seed);
  const Setup setup = random_setup(chance);
  const World world = random_world(chance);
  RandomJobs jobs(world, chance.seed());
  Invariants invariants(setup);
  Progress progress(at(0s));
  progress.set_total(world.jobs);
  Tee sink(invariants, progress);
  Scheduler scheduler = setup.scheduler(sink);
  invariants.scheduler = &scheduler;
  VirtualRun run(
      scheduler, [&](const Job&, TimePoint now, int active) { return jobs.respond(now, active); },
      world.jobs);
  run.watch = [&](const Step& step) { invariants.watch(step); };
  prepare(run, scheduler, world, jobs);
  CAPTURE(seed);
  try {
    CHECK(run.run(at(24h)));
  } catch (const std::logic_error& e) {
    FAIL(e.what() << " at " << seconds(run.now.time_since_epoch()) << " s");
  }
  invariants.finish(jobs.made(), world.jobs);
  CHECK(invariants.broken == "");
  CHECK_FALSE(run.early);
  CHECK(progress.in_flight() == 0);
  CHECK(progress.retrying() == 0);
  CHECK(progress.completed() + progress.stopped() == progress.seen());
  const bool whole = !scheduler.draining() && world.stopped == 0;
  if (whole) CHECK(progress.completed() == world.jobs);

  for (std::size_t gate = 0; gate < gate_count; ++gate)
    met.waited[gate] += scheduler.waited()[gate];
  met.cuts += invariants.cuts;
  met.circuits += invariants.circuits;
  met.drains += scheduler.draining() ? 1 : 0;
  met.done += progress.succeeded();
  met.failed += progress.failed();
  met.stopped += progress.stopped();
}

}  // namespace

TEST_CASE("whatever comes, no limit is passed, nothing stalls and every job ends once") {
  Met met;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) run_one(seed, met);
  for (std::size_t gate = 0; gate < gate_count; ++gate) {
    CAPTURE(name(static_cast<Gate>(gate)));
    // Fleets have their own test: sync_property_test.cc.
    const bool met_here =
        static_cast<Gate>(gate) != Gate::none && static_cast<Gate>(gate) != Gate::fleet;
    if (met_here) CHECK(met.waited[gate] > 10s);
  }
  CHECK(met.cuts > 1000);
  CHECK(met.circuits > 300);
  CHECK(met.drains > 100);
  CHECK(met.done > 10'000);
  CHECK(met.failed > 5'000);
  CHECK(met.stopped > 500);
}
