// The scoreboard: every contestant on every scenario, against an oracle that knows the service.
//
//   control_bench [--seeds N] [--scenario NAME]... [--verbose]
//   control_bench --random N [--first-seed S] [--verbose]
//   control_bench --broken [--seeds N]
//   control_bench --speed
//
// Each with [--mode plain|codes|once|all]... [--controller NAME]... [--least EFFICIENCY]; a part of
// a NAME will do. Efficiency is the share of good jobs done, times the oracle's makespan divided by
// theirs. Refused per job counts attempts refused, failed in an outage or timed out, for each job
// done. Exits 1 where a run was unsound, or the first contestant's mean over the modes is below
// --least.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "lib/control/hover/hover.h"
#include "lib/control/simulation/random_model.h"
#include "tests/bench/control/contestants.h"
#include "tests/bench/control/request.h"
#include "tests/bench/control/scenarios.h"
#include "tests/bench/control/score.h"

namespace gentlify::bench {

namespace {

using Contestants = std::vector<Contestant>;

sim::Plan plan_of(std::uint64_t jobs, std::uint64_t seed) {
  sim::Plan plan;
  plan.jobs = jobs;
  plan.seed = seed;
  plan.most = 64;
  plan.horizon = std::chrono::seconds(4000);
  return plan;
}

sim::Result run_one(const Contestant& who, sim::Model model, const sim::Plan& plan, Mode mode) {
  const sim::Signal codes =
      who.heeds_retry_after ? sim::Signal::retry_after : sim::Signal::overload;
  model.signal = mode == Mode::codes ? codes : sim::Signal::failure;
  const int retries = mode == Mode::once ? 0 : 2;
  return sim::run(model, plan, who.controller(plan.most, retries, plan.seed * 31 + 5),
                  who.retry(retries, plan.seed * 17 + 3));
}

/// Adds a run of each contestant to their scores.
void add_runs(const Contestants& all, const sim::Model& model, const sim::Plan& plan, Mode mode,
              std::vector<Score>& scores) {
  const Duration oracle = sim::oracle_makespan(model, plan);
  for (std::size_t i = 0; i < all.size(); ++i) {
    scores[i].add(run_one(all[i], model, plan, mode), plan, oracle);
  }
}

void print_title(const std::string& text, const Contestants& all) {
  std::printf("\n%s\n%-16s", text.c_str(), "efficiency");
  for (const Contestant& who : all) std::printf(" %17s", who.name.c_str());
  std::printf("\n");
}

template <class Value>
void print_row(const char* name, const std::vector<Score>& scores, Value value) {
  std::printf("%-16s", name);
  for (const Score& score : scores) std::printf(" %17.3f", static_cast<double>(value(score)));
  std::printf("\n");
  std::fflush(stdout);
}

/// What a table came to.
struct Table {
  bool sound = true;
  double efficiency = 0;  ///< the first contestant's mean
};

/// The last rows of a table.
Table print_end(const std::vector<Score>& scores) {
  print_row("mean", scores, [](const Score& s) { return mean(s.efficiency); });
  print_row("10th percentile", scores, [](const Score& s) { return quantile(s.efficiency, 0.1); });
  print_row("worst", scores, [](const Score& s) { return quantile(s.efficiency, 0); });
  print_row("refused per job", scores, [](const Score& s) { return mean(s.wasted); });
  print_row("lost", scores, [](const Score& s) { return mean(s.lost); });
  print_row("unsound runs", scores, [](const Score& s) { return s.unsound; });
  const bool sound =
      std::all_of(scores.begin(), scores.end(), [](const Score& s) { return s.unsound == 0; });
  return {sound, scores.empty() ? 0 : mean(scores[0].efficiency)};
}

Table scoreboard(const Request& request, Mode mode, const Contestants& all) {
  print_title(std::string(name(mode)), all);
  std::vector<Score> scores(all.size());
  for (const Scenario& scenario : scenarios()) {
    if (!chosen(scenario.name, request.scenarios)) continue;
    std::vector<Score> runs(all.size());
    for (std::uint64_t k = 0; k < request.seeds; ++k) {
      const sim::Plan plan = plan_of(scenario.jobs, request.first_seed + 7919 * k);
      add_runs(all, scenario.model, plan, mode, runs);
    }
    print_row(scenario.name.c_str(), runs, [](const Score& s) { return mean(s.efficiency); });
    if (request.verbose) {
      print_row("  refused/job", runs, [](const Score& s) { return mean(s.wasted); });
      print_row("  lost", runs, [](const Score& s) { return mean(s.lost); });
      print_row("  recovery", runs, [](const Score& s) { return mean(s.recovery); });
    }
    for (std::size_t i = 0; i < all.size(); ++i) scores[i].add(runs[i]);
  }
  return print_end(scores);
}

Table random_scenarios(const Request& request, Mode mode, const Contestants& all) {
  print_title(std::string(name(mode)) + ", " + std::to_string(request.random) +
                  " random scenarios from seed " + std::to_string(request.first_seed),
              all);
  std::vector<Score> scores(all.size());
  for (std::uint64_t k = 0; k < request.random; ++k) {
    const std::uint64_t seed = request.first_seed + k;
    const sim::RandomModel scenario = sim::random_model(seed);
    add_runs(all, scenario.model, plan_of(scenario.jobs, seed), mode, scores);
    if (!request.verbose) continue;
    // Efficiency and refused per job of each, and what it was.
    std::printf("%6s", std::to_string(seed).c_str());
    for (const Score& s : scores) std::printf(" %6.3f %6.2f", s.efficiency.back(), s.wasted.back());
    std::printf("  %s\n", scenario.what.c_str());
  }
  return print_end(scores);
}

/// How long most jobs that simply fail take, there being no limit, in multiples of the time that
/// fixed concurrency takes, and how many attempts.
void broken_jobs(const Request& request, const Contestants& all) {
  print_title("time by that of --controller fixed, where many jobs fail at 0.4 s", all);
  for (const int retries : {0, 2}) {
    for (const double share : {0.2, 0.5, 0.9, 1.0}) {
      sim::Model model;
      model.duration = std::chrono::seconds(1);
      model.broken = share;
      const auto take = [&](const Contestant& who) {
        double took = 0;
        for (std::uint64_t k = 0; k < request.seeds; ++k) {
          const sim::Plan plan = plan_of(5000, request.first_seed + 7919 * k);
          const auto result = sim::run(model, plan, who.controller(plan.most, retries, plan.seed),
                                       who.retry(retries, plan.seed));
          took += seconds(result.makespan);
        }
        return took;
      };
      const double least = take(fixed());
      std::printf("%3.0f %%, %d retries", 100 * share, retries);
      for (const Contestant& who : all) std::printf(" %17.2f", take(who) / least);
      std::printf("\n");
    }
  }
}

/// In seconds.
double processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

/// Attempts a second of processor time through the scheduler, the service and the measures.
void speed(const Request& request, const Contestants& all) {
  print_title("attempts per second", all);
  for (const Scenario& scenario : scenarios()) {
    if (!chosen(scenario.name, request.scenarios)) continue;
    std::printf("%-16s", scenario.name.c_str());
    for (const Contestant& who : all) {
      const double begin = processor_time();
      double attempts = 0;
      double took = 0;
      for (std::uint64_t seed = 1; took < 0.5; ++seed) {
        const sim::Plan plan = plan_of(scenario.jobs, seed);
        attempts += static_cast<double>(run_one(who, scenario.model, plan, Mode::plain).attempts);
        took = processor_time() - begin;
      }
      std::printf(" %17.0f", attempts / took);
    }
    std::printf("\n");
  }
}

/// What the question before each start costs, with every gate there and 32 attempts in flight.
void next_start() {
  constexpr int slots = 64;
  constexpr int in_flight = 32;
  constexpr int calls = 5'000'000;
  Controller::Gates gates;
  gates.law = std::make_unique<Hover>(Bounds{1, slots, slots, {}, std::chrono::seconds(30)},
                                      Hover::Settings{}, 1);
  gates.pacer = Pacer({{1'000'000, std::chrono::seconds(1)}, Pacer::Mode::exact});
  gates.budget = TokenBudget({1'000'000, std::chrono::seconds(60)});
  Controller control(std::move(gates));
  TimePoint now{std::chrono::seconds(1)};
  for (std::uint64_t i = 1; i <= in_flight; ++i) {
    Attempt attempt;
    attempt.id = AttemptId{i};
    attempt.job = JobId{i};
    attempt.started = now;
    attempt.in_flight = static_cast<int>(i);
    control.on_start(attempt);
  }
  const double begin = processor_time();
  int due = 0;
  for (int i = 0; i < calls; ++i) {
    now += std::chrono::microseconds(1);
    due += control.next_start(now, in_flight, 1).at <= now ? 1 : 0;
  }
  std::printf("next_start: %.0f ns, all gates (%d of %d due)\n",
              1e9 * (processor_time() - begin) / calls, due, calls);
}

int run(const Request& request) {
  Contestants all = contestants();
  std::erase_if(all, [&](const Contestant& c) { return !chosen(c.name, request.controllers); });
  if (request.speed) {
    next_start();
    speed(request, all);
    return 0;
  }
  if (request.broken) {
    broken_jobs(request, all);
    return 0;
  }
  bool sound = true;
  double efficiency = 0;
  for (const Mode mode : request.modes) {
    const Table table =
        request.random > 0 ? random_scenarios(request, mode, all) : scoreboard(request, mode, all);
    sound = sound && table.sound;
    efficiency += table.efficiency / static_cast<double>(request.modes.size());
  }
  return sound && efficiency >= request.least ? 0 : 1;
}

}  // namespace

}  // namespace gentlify::bench

int main(int argc, char** argv) {
  return gentlify::bench::run(gentlify::bench::parse(argc, argv));
}
