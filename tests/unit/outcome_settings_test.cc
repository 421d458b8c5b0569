// The settings for what jobs say, and for what ends a run early.
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;
using When = HaltRule::When;

TEST_CASE("a rule for halting is read as it is written") {
  CHECK(parse_halt("soon,fail=3") == HaltRule{When::soon, 3, 0});
  CHECK(parse_halt("now,fail=10%") == HaltRule{When::now, 0, 10});
  CHECK(parse_halt("never") == HaltRule{});
  for (const char* text : {"soon,fail=3", "now,fail=1", "now,fail=100%", "never"}) {
    CHECK(to_text(*parse_halt(text)) == text);
  }
  const auto* const bad = GENERATE("", "soon", "now", "fail=3", "soon,fail=", "soon,fail=0",
                                   "now,fail=0%", "now,fail=101%", "now,fail=-1", "soon, fail=3",
                                   "later,fail=3", "soon,done=3", "now,fail=%", "now,fail=1.5%");
  CHECK_FALSE(parse_halt(bad));
}

TEST_CASE("a rule that cannot be read is refused") {
  const std::string allowed =
      "must be never, or soon or now with a number of failed jobs or a percentage of them, as "
      "soon,fail=3 or now,fail=10%";
  CHECK(refusal({"--halt", "soon"}) == Refusal{ExitCode::usage, "--halt soon: " + allowed});
  CHECK(refusal({}, {"GENTLIFY_HALT=3"}) ==
        Refusal{ExitCode::bad_config, "GENTLIFY_HALT=3: " + allowed});
}

TEST_CASE("a pattern that cannot be used is refused at the start, with RE2's reason") {
  CHECK(refusal({"--overload-match", "a(b"}) ==
        Refusal{ExitCode::usage,
                "--overload-match a(b: must be a regular expression: missing ): a(b"});
  CHECK(refusal({"--overload-match", "a(\n"}).sentence ==
        "--overload-match a(\\n: must be a regular expression: missing ): a(\\n");
  const File file("cost_match = \"tokens\"\n");
  CHECK(refusal({"--config", file.path()}) ==
        Refusal{ExitCode::bad_config,
                file.path() + ":1:14: cost_match = tokens: must have a group, as in 'wait "
                              "([0-9]+)': what it matches is the value"});
  CHECK(refusal({"--retry-after-match", "wait"}).code == ExitCode::usage);
  CHECK(refusal({"--overload-match", "wait"}) == Refusal{});
  CHECK(refusal({"--overload-match", "", "--cost-match", ""}) == Refusal{});
}

TEST_CASE("patterns need to see stderr") {
  CHECK(refusal({"-u", "--overload-match", "429"}) ==
        Refusal{ExitCode::usage,
                "overload_match = 429 (--overload-match) looks at jobs' stderr, which gentlify "
                "does not see with output = inherit (-u)"});
  CHECK(refusal({"-u", "--preset", "slack"}).code == ExitCode::bad_config);
  CHECK(refusal({"-u", "--report"}) == Refusal{});
}

TEST_CASE("the circuit's time and what follows are none and wait where nothing is said") {
  const Settings s = load({}).settings;
  CHECK(s.circuit_breaker_max_open == Duration{});
  CHECK(s.circuit_breaker_on_open == "wait");
  const Config config = load({"--circuit-breaker-max-open", "none"});
  CHECK(show(config).find("max_open = \"none\"") != std::string::npos);
  CHECK(refusal({"--circuit-breaker-on-open", "stop"}) ==
        Refusal{ExitCode::usage, "--circuit-breaker-on-open stop: must be wait, fail or abort"});
}

TEST_CASE("who says what an open circuit does has a circuit, also with the fixed controller") {
  const auto failures = [](const Words& flags) {
    return load(flags).settings.circuit_breaker_consecutive_failures;
  };
  CHECK(failures({"--controller", "fixed"}) == 0);
  CHECK(failures({"--controller", "fixed", "--circuit-breaker-on-open", "abort"}) == 10);
  CHECK(failures({"--controller", "fixed", "--circuit-breaker-max-open", "1m"}) == 10);
}
