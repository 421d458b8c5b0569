// A random controller and a random world around it, the same for the same seed.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "lib/control/random.h"
#include "tests/unit/control_setup.h"
#include "tests/unit/virtual_run.h"

namespace gentlify::test {

/// Draws.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  bool one_in(std::uint64_t n) { return random_.next() % n == 0; }
  bool share(double p) { return random_.uniform(0, 1) < p; }
  /// From `low` to `high`, both included.
  template <class Int>
  Int from(Int low, Int high) {
    return low + static_cast<Int>(random_.next() % static_cast<std::uint64_t>(high - low + 1));
  }
  double real(double low, double high) { return random_.uniform(low, high); }
  Duration time(Duration low, Duration high) {
    return from_seconds(random_.uniform(seconds(low), seconds(high)));
  }
  template <class T, std::size_t n>
  T of(const std::array<T, n>& values) {
    return values[random_.next() % n];
  }
  std::uint64_t seed() { return random_.next(); }

 private:
  Random random_;
};

inline Setup random_setup(Chance& chance) {
  Setup s;
  s.rule = chance.of(std::array{Rule::hover, Rule::hover, Rule::classic, Rule::aimd, Rule::fixed});
  s.seed = chance.seed();
  Bounds& b = s.bounds;
  b.max_concurrency = chance.one_in(3) ? chance.from(1, 3) : chance.from(1, 40);
  b.min_concurrency = chance.one_in(2) ? 1 : chance.from(1, b.max_concurrency);
  b.initial_concurrency = chance.from(b.min_concurrency, b.max_concurrency);
  if (chance.one_in(4)) b.min_interval = chance.time(1ms, 100ms);
  b.max_interval = b.min_interval + chance.time(0ms, 5s);
  s.classic.failure_threshold = chance.from(1, 5);
  s.classic.failure_window = chance.time(1s, 60s);
  s.classic.cooling_period = chance.time(0s, 20s);
  s.classic.ceiling_decay = chance.real(1, 5);
  s.aimd.min_rate = chance.real(0.1, 5);
  s.aimd.max_rate = chance.real(5, 100);
  s.aimd.increase_step = chance.real(0.1, 3);
  s.aimd.decrease_factor = chance.real(0.1, 0.9);
  s.aimd.cooldown_multiplier = chance.real(0, 10);
  s.circuit.consecutive_failures = chance.one_in(3) ? 0 : chance.from(1, 12);
  s.circuit.open_duration = chance.time(100ms, 4s);
  s.circuit.half_open_max_calls = chance.from(1, 3);
  s.circuit.refuses = chance.one_in(6);
  if (chance.one_in(2)) {
    Pacer::Settings rate;
    rate.rate = {chance.from<Cost>(1, 40), chance.time(100ms, 5s)};
    rate.mode = chance.of(std::array{Pacer::Mode::drip, Pacer::Mode::burst, Pacer::Mode::exact});
    rate.burst = chance.from<Cost>(1, 20);
    rate.unit = chance.one_in(2) ? Pacer::Unit::starts : Pacer::Unit::cost;
    s.rate = rate;
  }
  if (chance.one_in(2)) s.budget = Rate{chance.from<Cost>(5, 200), chance.time(100ms, 8s)};
  s.retry.max_attempts = chance.from(1, 4);
  s.retry.overload = chance.from(0, 6);
  s.retry.backoff =
      chance.of(std::array{Backoff::fixed, Backoff::exponential, Backoff::exponential_jitter});
  s.retry.base_delay = chance.time(0ms, 2s);
  s.retry.max_delay = chance.time(2s, 10s);
  s.retry.hold_slot = chance.one_in(3);
  return s;
}

/// What the service, the input, this machine and a person do.
struct World {
  std::uint64_t jobs = 0;
  Duration longest{};    // of an attempt
  Duration between{};    // of two items of the input, at most
  Cost dearest = 1;      // estimate of a job
  Cost most_spent = 0;   // by an attempt; 0: none tells
  int room = 0;          // the service refuses what is more; 0: nothing
  TimePoint away, back;  // then it refuses everything
  bool says_so = false;  // a refusal is overload
  double wait_told = 0;  // share of refusals that come with a Retry-After
  double failures = 0, overloads = 0, permanent = 0, stopped = 0;  // shares of attempts, besides
  double time_outs = 0;  // ... that take longest, and fail
  double starved = 0;    // ... that cannot be started
  double defects = 0;    // share of jobs
  struct Hold {
    Gate gate;
    TimePoint from, to;
  };
  std::vector<Hold> holds;
  TimePoint drain = never;
  TimePoint stop = never;
  std::vector<TimePoint> polls;
};

inline World random_world(Chance& chance) {
  World w;
  w.jobs = chance.one_in(20) ? 0 : chance.from<std::uint64_t>(1, 120);
  w.longest = chance.time(1ms, chance.one_in(3) ? 10s : 1s);
  if (chance.one_in(3)) w.between = chance.time(1ms, 500ms);
  if (chance.one_in(2)) w.dearest = chance.from<Cost>(1, 8);
  if (chance.one_in(2)) w.most_spent = chance.from<Cost>(1, 30);
  if (chance.one_in(3)) w.room = chance.from(1, 12);
  if (chance.one_in(3)) {
    w.away = at(chance.time(0s, 10s));
    w.back = w.away + chance.time(1s, 30s);
  }
  w.says_so = chance.one_in(2);
  if (chance.one_in(3)) w.wait_told = chance.real(0, 1);
  const auto sometimes = [&](double most) { return chance.one_in(2) ? chance.real(0, most) : 0; };
  w.failures = sometimes(0.5);
  w.overloads = sometimes(0.3);
  w.permanent = sometimes(0.2);
  w.stopped = chance.one_in(4) ? chance.real(0, 0.1) : 0;
  w.time_outs = sometimes(0.2);
  w.starved = chance.one_in(4) ? chance.real(0, 0.3) : 0;
  w.defects = chance.one_in(4) ? chance.real(0, 0.2) : 0;
  for (int i = chance.from(0, 2); i > 0; --i) {
    const TimePoint from = at(chance.time(0s, 10s));
    constexpr std::array gates = {Gate::pause, Gate::output, Gate::load, Gate::memory};
    const Gate gate = gates[chance.from<std::size_t>(0, gates.size() - 1)];
    w.holds.push_back({gate, from, from + chance.time(1ms, 20s)});
  }
  if (chance.one_in(4)) w.drain = at(chance.time(0s, 15s));
  if (w.drain < never && chance.one_in(2)) w.stop = w.drain + chance.time(0s, 3s);
  for (int i = 0; i < 20; ++i) w.polls.push_back(at(chance.time(0s, 20s)));
  return w;
}

/// The service, this machine and the jobs of a World.
class RandomJobs {
 public:
  RandomJobs(const World& world, std::uint64_t seed) : world_(world), chance_(seed) {}

  std::uint64_t made() const { return made_; }

  Job make() {
    ++made_;
    Job job;
    job.cost = chance_.from<Cost>(world_.dearest > 1 ? 0 : 1, world_.dearest);
    if (chance_.share(world_.defects)) job.defect = "it holds a NUL byte";
    return job;
  }
  Response respond(TimePoint now, int active) {
    Response r;
    r.starts = !chance_.share(world_.starved);
    if (chance_.share(world_.time_outs)) {
      r.takes = world_.longest;
      r.verdict = Verdict::failure;
      r.timed_out = true;
      return r;
    }
    const bool refused =
        (world_.room > 0 && active > world_.room) || (now >= world_.away && now < world_.back);
    r.takes = chance_.time(0s, refused ? world_.longest / 10 : world_.longest);
    r.verdict = refused ? (world_.says_so ? Verdict::overload : Verdict::failure) : verdict();
    if (r.verdict == Verdict::overload && chance_.share(world_.wait_told)) {
      r.retry_after = chance_.time(0s, 3s);
    }
    if (world_.most_spent > 0) r.cost = chance_.from<Cost>(0, world_.most_spent);
    return r;
  }

 private:
  Verdict verdict() {
    double left = chance_.real(0, 1);
    const std::array<std::pair<double, Verdict>, 4> shares{{{world_.failures, Verdict::failure},
                                                            {world_.overloads, Verdict::overload},
                                                            {world_.permanent, Verdict::permanent},
                                                            {world_.stopped, Verdict::stopped}}};
    for (const auto& [share, verdict] : shares) {
      if (left < share) return verdict;
      left -= share;
    }
    return Verdict::success;
  }

  const World& world_;
  Chance chance_;
  std::uint64_t made_ = 0;
};

/// Lets happen in `run` what the World plans.
template <class Calls>
void prepare(BasicVirtualRun<Calls>& run, Calls& scheduler, const World& world, RandomJobs& jobs) {
  run.make = [&](std::uint64_t) { return jobs.make(); };
  if (world.between > 0s) {
    run.arrival = [&](std::uint64_t n) {
      Random random(n);
      return at(world.between * static_cast<Duration::rep>(n - 1) +
                from_seconds(random.uniform(0, seconds(world.between))));
    };
  }
  for (const World::Hold& hold : world.holds) {
    for (const bool closed : {true, false}) {
      run.plan(closed ? hold.from : hold.to,
               [&, closed] { scheduler.set_closed(hold.gate, closed, run.now); });
    }
  }
  if (world.drain < never) run.plan(world.drain, [&] { scheduler.drain(run.now); });
  if (world.stop < never) run.plan(world.stop, [&] { run.stop(); });
  for (const TimePoint poll : world.polls) run.plan(poll);
}

}  // namespace gentlify::test
