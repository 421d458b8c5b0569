// From settings to what decides.
#include "cli/control_settings.h"

#include "tests/unit/catch.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

constexpr int cores = 4;

Bounds bounds(const Words& flags) {
  return bounds_of(load(flags).settings, cores);
}

Controller controller(const Words& flags) {
  return make_controller(load(flags).settings, cores, 1);
}

/// The gate that holds a second start up right after a first one.
Gate second_start(const Words& flags) {
  Controller made = controller(flags);
  Attempt attempt;
  attempt.id = AttemptId{1};
  made.on_start(attempt);
  const Admission admission = made.next_start(TimePoint{}, 1, 1);
  return admission.at > TimePoint{} ? admission.gate : Gate::none;
}

int consecutive_failures(const Words& flags) {
  return load(flags).settings.circuit_breaker_consecutive_failures;
}

}  // namespace

TEST_CASE("the cap is the cores, 16 with a rate, or what was said") {
  CHECK(bounds({}).max_concurrency == cores);
  CHECK(bounds({"--rate", "10/s"}).max_concurrency == 16);
  CHECK(bounds({"--controller", "aimd"}).max_concurrency == 16);
  CHECK(bounds({"--rate", "10/s", "-j", "3"}).max_concurrency == 3);
  CHECK(bounds({"--rate", "10/s", "-j", "100%"}).max_concurrency == cores);
  CHECK(bounds({"--token-budget", "10/s"}).max_concurrency == cores);
}

TEST_CASE("a law that adapts starts at the root of the cap, and the others at the cap") {
  CHECK(bounds({"-j", "17"}).initial_concurrency == 5);
  CHECK(bounds({"-j", "17", "--min-concurrency", "7"}).initial_concurrency == 7);
  CHECK(bounds({"-j", "17", "--initial-concurrency", "9"}).initial_concurrency == 9);
  CHECK(bounds({"-j", "17", "--controller", "fixed"}).initial_concurrency == 17);
  CHECK(bounds({"-j", "17", "--controller", "aimd"}).initial_concurrency == 17);
}

TEST_CASE("without a cap it starts at eight, or has no limit where nothing adapts") {
  const Words uncapped = {"-j0", "--rate", "10/s"};
  CHECK(bounds(uncapped).max_concurrency == no_cap);
  CHECK(bounds(uncapped).initial_concurrency == 8);
  CHECK(bounds({"-j0", "--rate", "10/s", "--min-concurrency", "9"}).initial_concurrency == 9);
  CHECK(bounds({"-j0", "--rate", "10/s", "--controller", "fixed"}).initial_concurrency == no_cap);
  CHECK(bounds({"-j0", "--controller", "aimd"}).initial_concurrency == no_cap);
}

TEST_CASE("the budget of a preset can be taken away by its amount alone") {
  CHECK(refusal({"--preset", "openai", "--token-budget-max", "none"}) == Refusal{});
}

TEST_CASE("no cap is allowed only with a rate") {
  CHECK(refusal({"-j0"}) ==
        Refusal{ExitCode::usage,
                "max_concurrency = 0 (-j) needs a limit on starts and cannot go with rate = none "
                "(the default)"});
  CHECK(refusal({"-j0", "--token-budget", "10/s"}).code == ExitCode::usage);
  CHECK(refusal({}, {"GENTLIFY_MAX_CONCURRENCY=0"}).code == ExitCode::bad_config);
  CHECK(refusal({"-j0", "--rate", "1/h"}) == Refusal{});
}

TEST_CASE("each gate that is asked for is there, and no other") {
  CHECK(second_start({}) == Gate::none);
  CHECK(second_start({"--rate", "10/s"}) == Gate::rate);
  CHECK(second_start({"--rate", "10/s", "--rate-mode", "burst", "--burst", "2"}) == Gate::none);
  CHECK(second_start({"--rate", "2/s", "--rate-mode", "exact"}) == Gate::none);
  CHECK(second_start({"--rate", "1/s", "--rate-mode", "exact"}) == Gate::rate);
  CHECK(second_start({"--token-budget", "1/s"}) == Gate::budget);
  CHECK(second_start({"--token-budget", "2/s"}) == Gate::none);
  CHECK(second_start({"--controller", "aimd"}) == Gate::interval);
  CHECK(second_start({"--controller", "aimd", "-j1"}) == Gate::slots);
}

TEST_CASE("a rate of cost knows what never fits") {
  CHECK(controller({"--rate", "10/s"}).misfit(11) == "");
  CHECK(controller({"--rate", "10/s", "--rate-unit", "cost"}).misfit(11) != "");
  CHECK(controller({"--token-budget", "10/s"}).misfit(11) != "");
}

TEST_CASE("the controller fixed has no circuit breaker unless one is asked for") {
  CHECK(consecutive_failures({}) == 10);
  CHECK(consecutive_failures({"--controller", "aimd"}) == 10);
  CHECK(consecutive_failures({"--controller", "fixed"}) == 0);
  CHECK(consecutive_failures(
            {"--controller", "fixed", "--circuit-breaker-consecutive-failures", "10"}) == 10);
  CHECK(consecutive_failures({"--circuit-breaker-consecutive-failures", "0"}) == 0);
}

TEST_CASE("defaults that follow from other settings are printed, and load again") {
  const Words flags = {"--controller", "fixed", "--rate", "100/m"};
  const Config first = load(flags);
  const File file(show(first));
  const Config second = load({"--config", file.path()});
  CHECK(show(first).find("max_concurrency = 16 ") != std::string::npos);
  CHECK(second.settings.max_concurrency.value == 16);
  CHECK(second.settings.circuit_breaker_consecutive_failures == 0);
  CHECK(second.settings.rate == first.settings.rate);
}

TEST_CASE("--token-budget writes both settings, and the last one wins") {
  const Config config = load({"--token-budget", "90000/m"});
  CHECK(config.settings.token_budget_max == 90000);
  CHECK(config.settings.token_budget_window == from_seconds(60));
  CHECK(origin(config, "token_budget.max") == "--token-budget");
  CHECK(origin(config, "token_budget.window") == "--token-budget");
  const Words later = {"--token-budget", "90000/60s", "--token-budget-window", "30s"};
  CHECK(load(later).settings.token_budget_window == from_seconds(30));
  CHECK(load({"--token-budget", "9/s", "--token-budget", "none"}).settings.token_budget_max == 0);
  const File file("[token_budget]\nmax = 7\nwindow = 2\n");
  CHECK(load({"--config", file.path()}).settings.token_budget_max == 7);
  CHECK(refusal({"--token-budget", "90000"}) ==
        Refusal{ExitCode::usage,
                "--token-budget 90000: must be none or a rate such as 10/s, 100/m, 5000/h or "
                "5/10s, of 1ms to 365d"});
}

TEST_CASE("half of a pair, or what says how a limit is meant that is not there, is refused") {
  CHECK(refusal({"--token-budget-max", "9"}) ==
        Refusal{ExitCode::usage,
                "token_budget.max = 9 (--token-budget-max) cannot go with token_budget.window = "
                "none (the default)"});
  CHECK(refusal({"--token-budget-window", "9"}) ==
        Refusal{ExitCode::usage,
                "token_budget.window = 9s (--token-budget-window) cannot go with "
                "token_budget.max = none (the default)"});
  CHECK(refusal({"--rate", "9/s", "--burst", "5"}) ==
        Refusal{ExitCode::usage,
                "burst = 5 (--burst) cannot go with rate_mode = drip (the default)"});
  CHECK(refusal({"--rate-mode", "exact"}) ==
        Refusal{ExitCode::usage,
                "rate_mode = exact (--rate-mode) cannot go with rate = none (the default)"});
  CHECK(refusal({"--rate-unit", "cost"}).code == ExitCode::usage);
  CHECK(refusal({}, {"GENTLIFY_TOKEN_BUDGET_MAX=9"}).code == ExitCode::bad_config);
  CHECK(refusal({"--rate", "9/s", "--rate-mode", "burst", "--burst", "5"}) == Refusal{});
}

TEST_CASE("what says how a limit is meant goes with it where a stronger place takes it away") {
  const File file("rate = \"9/s\"\nrate_mode = \"burst\"\nburst = 5\n");
  const Config none = load({"--config", file.path(), "--rate", "none"});
  CHECK(none.settings.rate_mode == "drip");
  CHECK(none.settings.burst == 1);
  CHECK(origin(none, "burst") == "--rate");
  const Config exact = load({"--config", file.path(), "--rate-mode", "exact"});
  CHECK(exact.settings.burst == 1);
  CHECK(refusal({"--config", file.path(), "--rate-mode", "exact", "--burst", "5"}).code ==
        ExitCode::usage);
  const File pair("rate = \"none\"\nrate_mode = \"burst\"\n");
  CHECK(refusal({"--config", pair.path()}).code == ExitCode::bad_config);
}

TEST_CASE("the least rate of aimd is not over the most") {
  CHECK(refusal({"--min-rate", "51"}) ==
        Refusal{ExitCode::usage,
                "min_rate = 51 (--min-rate) must not be over max_rate = 50 (the default)"});
  CHECK(refusal({"--min-rate", "50"}) == Refusal{});
}
