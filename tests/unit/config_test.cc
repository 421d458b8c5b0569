// From flags, variables and files to the settings in effect.
#include "cli/config.h"

#include "tests/unit/catch.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;

TEST_CASE("a flag wins over the environment, that over a file, and that over the default") {
  const File file("[retry]\nmax_attempts = 4\n");
  const Words variable = {"GENTLIFY_RETRY_MAX_ATTEMPTS=5"};
  const auto attempts = [](const Config& config) { return config.settings.retry_max_attempts; };
  CHECK(attempts(load({})) == 3);
  CHECK(attempts(load({"--config", file.path()})) == 4);
  CHECK(attempts(load({"--config", file.path()}, variable)) == 5);
  CHECK(attempts(load({"--config", file.path(), "--retries", "5"}, variable)) == 6);
}

TEST_CASE("a later file wins over an earlier one, and any over those of GENTLIFY_CONFIG") {
  const File a("kill_grace = 1\nfailure_threshold = 1");
  const File b("kill_grace = 2\nmin_concurrency = 2");
  const File c("kill_grace = 3");
  const Words variable = {"GENTLIFY_CONFIG=" + a.path() + ":" + b.path()};
  const Config config = load({}, variable);
  CHECK(config.settings.kill_grace == from_seconds(2));
  CHECK(config.settings.failure_threshold == 1);
  CHECK(config.settings.min_concurrency == 2);
  CHECK(load({"--config", c.path()}, variable).settings.kill_grace == from_seconds(3));
  CHECK(load({"--config", c.path(), "--config", a.path()}).settings.kill_grace == from_seconds(1));
}

TEST_CASE("the last of several flags wins, aliases among them") {
  CHECK(load({"-j1", "-P", "2", "--max-concurrency=3"}).settings.max_concurrency.value == 3);
  CHECK(load({"--retries", "4", "--retry-max-attempts", "2"}).settings.retry_max_attempts == 2);
  CHECK(load({"--output", "inherit", "--output", "group"}).settings.output == "group");
  CHECK(load({"--output", "group", "-u"}).settings.output == "inherit");
  CHECK_FALSE(load({"-q", "--quiet=false"}).settings.quiet);
}

TEST_CASE("each value knows where it comes from") {
  const File file("kill_grace = 1\n\n[retry]\n  slot = \"hold\"\n");
  const Config config =
      load({"--config", file.path(), "-P", "2", "--retries", "1"}, {"GENTLIFY_QUIET=1"});
  CHECK(origin(config, "max_concurrency") == "-P");
  CHECK(origin(config, "retry.max_attempts") == "--retries");
  CHECK(origin(config, "quiet") == "GENTLIFY_QUIET");
  CHECK(origin(config, "kill_grace") == file.path() + ":1:14");
  CHECK(origin(config, "retry.slot") == file.path() + ":4:10");
  CHECK(config.origins[*find_setting("color")].kind == Origin::Kind::built_in);
  CHECK(config.origins.size() == settings_table().size());
}

TEST_CASE("input files are added up within one place and replaced by a stronger one") {
  const File file("input = [\"a\", \"b\"]");
  CHECK(load({"--config", file.path()}).settings.input == Words{"a", "b"});
  CHECK(load({"--config", file.path()}, {"GENTLIFY_INPUT=c:d"}).settings.input == Words{"c:d"});
  CHECK(load({"--config", file.path(), "-a", "e", "--input", "-"}).settings.input ==
        Words{"e", "-"});
  const File none("input = []");
  CHECK(load({"--config", file.path(), "--config", none.path()}).settings.input.empty());
}

TEST_CASE("labels are added up within one place, and none of them can come twice") {
  CHECK(load({"--label", "a=1", "--label", "_b2=x=y\n"}).settings.label ==
        Words{"a=1", "_b2=x=y\n"});
  CHECK(load({"--label", "a=2"}, {"GENTLIFY_LABEL=a=1"}).settings.label == Words{"a=2"});
  CHECK(refusal({"--label", "a=1", "--label", "a="}) ==
        Refusal{ExitCode::usage, "--label a=: must not have the KEY a again"});
  CHECK(refusal({}, {"GENTLIFY_LABEL=team"}) ==
        Refusal{ExitCode::bad_config,
                "GENTLIFY_LABEL=team: must be KEY=VALUE with a KEY of letters, digits and _ that "
                "begins neither with a digit nor with __ and is none of gate, le, outcome, "
                "quantile, verdict, which metrics have"});
}

TEST_CASE("every setting can be written in the environment") {
  for (const Setting& setting : settings_table()) {
    CAPTURE(toml_name(setting));
    const std::string text = !is_list(setting) ? std::string(setting.fallback)
                             : setting.form == Setting::Form::descriptor ? "9"
                                                                         : "x=y";
    const std::string name = environment_name(setting, "GENTLIFY");
    CHECK(origin(load({}, {name + "=" + text}), toml_name(setting)) == name);
  }
}

TEST_CASE("a bad value of a flag is wrong usage") {
  CHECK(refusal({"-j", "many"}) ==
        Refusal{ExitCode::usage,
                "-j many: must be a number of jobs from 0 to 1000000, N% of the cores, or +N above "
                "them"});
  CHECK(refusal({"--color", "red"}) ==
        Refusal{ExitCode::usage, "--color red: must be auto, always or never"});
  CHECK(refusal({"-I", ""}) == Refusal{ExitCode::usage, "-I '': must not be empty"});
}

TEST_CASE("a bad value is refused even where a later one would win") {
  CHECK(refusal({"-j", "many", "-j", "4"}).code == ExitCode::usage);
  CHECK(refusal({"--quiet"}, {"GENTLIFY_QUIET=maybe"}).code == ExitCode::bad_config);
}

TEST_CASE("a bad value of a variable names the variable") {
  CHECK(refusal({}, {"GENTLIFY_KILL_GRACE=soon"}) ==
        Refusal{ExitCode::bad_config,
                "GENTLIFY_KILL_GRACE=soon: must be a duration such as 250ms, 1.5s, 2m, 1h or 1d, "
                "from 0 to 365d"});
  CHECK(refusal({}, {"GENTLIFY_QUIET="}) ==
        Refusal{ExitCode::bad_config, "GENTLIFY_QUIET='': must be true or false"});
}

TEST_CASE("a bad value of a file names file, line, column and key") {
  const File file("# none\nkill_grace = \"soon\"\n");
  const Refusal refused = refusal({"--config", file.path()});
  CHECK(refused.code == ExitCode::bad_config);
  CHECK(refused.sentence.starts_with(file.path() + ":2:14: kill_grace = soon: must be a duration"));
}

TEST_CASE("a long value is cut in the sentence that refuses it") {
  CHECK(refusal({"--color", std::string(10'000, 'x')}).sentence.size() < 200);
}

TEST_CASE("an unknown variable of ours is refused, with the one that is near") {
  CHECK(
      refusal({}, {"GENTLIFY_KIL_GRACE=1"}) ==
      Refusal{ExitCode::bad_config,
              "the variable GENTLIFY_KIL_GRACE is set, and there is no such setting; did you mean "
              "GENTLIFY_KILL_GRACE?"});
  CHECK(refusal({}, {"GENTLIFY_JOBS=1"}).sentence.ends_with("mean GENTLIFY_MAX_CONCURRENCY?"));
  CHECK(refusal({}, {"GENTLIFY_QWERTZ=1"}).sentence.ends_with("there is no such setting"));
  CHECK(refusal({}, {"GENTLIFY_color=never"}).code == ExitCode::bad_config);
}

TEST_CASE("a gentlify among the jobs of another does not mind its variables") {
  CHECK(refusal({}, {"GENTLIFY_RUN=1", "GENTLIFY_SEQ=1", "GENTLIFY_JOB=1", "GENTLIFY_ATTEMPT=1",
                     "GENTLIFY_SLOT=1", "GENTLIFY_JOB_KEY=1", "GENTLIFY_REPORT_FD=9"}) ==
        Refusal{});
}

TEST_CASE("variables of others are not looked at") {
  CHECK(refusal({}, {"GENTLIFYX=1", "GENTLIFY=1", "gentlify_quiet=1", "HOME=/", "odd"}) ==
        Refusal{});
}

TEST_CASE("another prefix is read instead, and its other names belong to its owner") {
  const File file("min_concurrency = 2");
  const Config config =
      load({"--env-prefix", "APP"}, {"APP_QUIET=1", "APP_TOKEN=x", "APP_CONFIG=" + file.path(),
                                     "GENTLIFY_KILL_GRACE=1", "GENTLIFY_NO_SUCH=1"});
  CHECK(config.settings.quiet);
  CHECK(config.settings.min_concurrency == 2);
  CHECK(config.settings.kill_grace == from_seconds(5));
  CHECK(refusal({"--env-prefix", "APP"}, {"APP_QUIET=maybe"}).sentence.starts_with("APP_QUIET="));
}

TEST_CASE("settings that do not fit each other are refused, both named with where they come from") {
  CHECK(
      refusal({"-j2", "--min-concurrency", "3"}) ==
      Refusal{ExitCode::usage,
              "min_concurrency = 3 (--min-concurrency) must not be over max_concurrency = 2 (-j)"});
  CHECK(
      refusal({"--initial-concurrency", "9"}) ==
      Refusal{ExitCode::usage,
              "initial_concurrency = 9 (--initial-concurrency) must not be over max_concurrency = "
              "100%, here 4 (the default)"});
  CHECK(refusal({"--min-concurrency", "2", "--initial-concurrency", "1"}) ==
        Refusal{ExitCode::usage,
                "initial_concurrency = 1 (--initial-concurrency) must not be under min_concurrency "
                "= 2 (--min-concurrency)"});
  CHECK(refusal({"--min-dispatch-interval", "1m"}) ==
        Refusal{ExitCode::usage,
                "min_dispatch_interval = 1m (--min-dispatch-interval) must not be over "
                "max_dispatch_interval = 30s (the default)"});
  CHECK(refusal({"--retry-max-delay", "1ms"}) ==
        Refusal{ExitCode::usage,
                "retry.base_delay = 1s (the default) must not be over retry.max_delay = 1ms "
                "(--retry-max-delay)"});
  CHECK(refusal({"-0", "-d,"}) ==
        Refusal{ExitCode::usage, "null = true (-0) cannot go with delimiter = , (-d)"});
  CHECK(refusal({"-a", "x", ":::", "y"}) ==
        Refusal{ExitCode::usage, "input = x (-a) cannot go with the items after :::"});
  const std::vector<std::string> shared = {"--fleet", "redis://h/n", "--fleet-jobs", "range", "-k"};
  CHECK(refusal(shared) ==
        Refusal{ExitCode::usage,
                "keep_order = true (-k) cannot go with fleet_jobs = range (--fleet-jobs)"});
  CHECK(refusal({"--fleet-jobs", "range"}) ==
        Refusal{ExitCode::usage, "fleet_jobs = range (--fleet-jobs) needs a fleet: --fleet URL"});
  CHECK(
      refusal({"--fleet", "redis://h/n", "--fleet-jobs", "stream", "-a", "x"}) ==
      Refusal{ExitCode::usage, "input = x (-a) cannot go with fleet_jobs = stream (--fleet-jobs)"});
}

TEST_CASE("settings that do not fit are a matter of configuration where one is not a flag") {
  const Refusal refused = refusal({"-j2"}, {"GENTLIFY_MIN_CONCURRENCY=3"});
  CHECK(refused.code == ExitCode::bad_config);
  CHECK(refused.sentence.find("(GENTLIFY_MIN_CONCURRENCY)") != std::string::npos);
  const File file("null = true");
  CHECK(refusal({"--config", file.path(), "-d,"}).code == ExitCode::bad_config);
  CHECK(refusal({":::", "y"}, {"GENTLIFY_INPUT=x"}).code == ExitCode::bad_config);
}

TEST_CASE("settings that just fit are accepted") {
  CHECK(refusal({"-j2", "--min-concurrency", "2", "--initial-concurrency", "2"}) == Refusal{});
  CHECK(refusal({"--min-dispatch-interval", "30s"}) == Refusal{});
  CHECK(refusal({"--retry-base-delay", "1m"}) == Refusal{});
  CHECK(refusal({"-0", "--null=false", "-d,"}) == Refusal{});
  CHECK(refusal({"--initial-concurrency", "auto", "--min-concurrency", "4"}) == Refusal{});
}

TEST_CASE("jobs do not inherit variables of ours") {
  const Words environment = {"HOME=/",           "GENTLIFY_QUIET=1", "GENTLIFY_RUN=1",
                             "GENTLIFY_CONFIG=", "GENTLIFYX=1",      "GENTLIFY_JOB_KEY=1"};
  CHECK(inherited({}, environment) == Words{"HOME=/", "GENTLIFYX=1"});
}

TEST_CASE("with --export-settings jobs inherit the settings and still not what each job is given") {
  const Words environment = {"HOME=/", "GENTLIFY_QUIET=1", "GENTLIFY_SEQ=1", "GENTLIFY_CONFIG="};
  CHECK(inherited({"--export-settings"}, environment) ==
        Words{"HOME=/", "GENTLIFY_QUIET=1", "GENTLIFY_CONFIG="});
}

TEST_CASE("with another prefix jobs inherit what names no setting") {
  const Words environment = {"APP_QUIET=1", "APP_TOKEN=x", "APP_CONFIG=", "GENTLIFY_SEQ=1",
                             "APP_SEQ=1"};
  CHECK(inherited({"--env-prefix", "APP"}, environment) == Words{"APP_TOKEN=x", "APP_SEQ=1"});
}

TEST_CASE("what --print-config prints loads again as the same settings") {
  const Words flags = {"-j+2",
                       "-d",
                       "\\x01",
                       "-I",
                       "\"\\\t[]'",
                       "-a",
                       "a \"b\"\n",
                       "-a",
                       "é",
                       "--milestones",
                       "90s",
                       "--retries",
                       "0",
                       "--max-line",
                       "64K",
                       "--quiet",
                       "--jitter-fraction",
                       "0.125",
                       "--permanent-exit="};
  const Config first = load(flags);
  const File file(show(first));
  const Config second = load({"--config", file.path()});
  for (const Setting& setting : settings_table()) {
    CAPTURE(toml_name(setting));
    CHECK(text_of(second.settings, setting) == text_of(first.settings, setting));
  }
  CHECK(second.settings.input == first.settings.input);
  CHECK(second.settings.delimiter == "\x01");
}

TEST_CASE("--print-config says of each setting where it comes from") {
  const std::string text = show(load({"--retries", "4"}, {"GENTLIFY_QUIET=1"}));
  const auto line_of = [&](std::string_view key) -> std::string {
    for (const std::string_view line : split(text, "\n")) {
      if (line.starts_with(std::string(key) + " = ")) return std::string(line);
    }
    return "none";
  };
  CHECK(line_of("max_attempts").starts_with("max_attempts = 5 "));
  CHECK(line_of("max_attempts").ends_with(" # --retries"));
  CHECK(line_of("quiet").ends_with(" # GENTLIFY_QUIET"));
  CHECK(line_of("kill_grace").starts_with("kill_grace = \"5s\" "));
  CHECK(line_of("kill_grace").ends_with(" # default"));
  CHECK(line_of("kill_grace").find('#') == line_of("quiet").find('#'));
}
