// A throttle from TOML, files and the environment.
#include "cli/throttle_settings.h"

#include <cstdlib>

#include "lib/core/error.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;

namespace {

/// A variable for the time of a test.
class InEnvironment {
 public:
  InEnvironment(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): there is one thread
  }
  InEnvironment(const InEnvironment&) = delete;
  InEnvironment& operator=(const InEnvironment&) = delete;
  ~InEnvironment() { ::unsetenv(name_); }  // NOLINT(concurrency-mt-unsafe)

 private:
  const char* name_;
};

ThrottleSettings fixed(const std::string& toml) {
  ThrottleSettings settings;
  settings.set("controller", "fixed").toml(toml, "c.toml");
  return settings;
}

int limit(const ThrottleSettings& settings) {
  return settings.make().snapshot().limit;
}

std::string why_not(const ThrottleSettings& settings) {
  try {
    settings.make();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a throttle takes its limits from TOML, as a run of gentlify does") {
  Throttle throttle = fixed("max_concurrency = 7\nrate = \"1/1h\"\noutput = \"line\"").make();
  CHECK(throttle.snapshot().limit == 7);
  CHECK(throttle.snapshot().interval == 1h);
  throttle.acquire();
  CHECK_FALSE(throttle.try_acquire({{}, 0s, {}}));
}

TEST_CASE("a preset of a service is a throttle too") {
  CHECK(limit(fixed("preset = \"openai\"")) == 16);
}

TEST_CASE("a call weighs what the settings say where it does not itself") {
  Throttle throttle = fixed("cost = 60\n[token_budget]\nmax = 100\nwindow = \"1h\"").make();
  throttle.acquire();
  CHECK_FALSE(throttle.try_acquire({{}, 0s, {}}));
  CHECK(throttle.try_acquire({40, 0s, {}}));
}

TEST_CASE("an open circuit fails calls where the settings fail or end a run") {
  for (const char* what : {"fail", "abort"}) {
    Throttle throttle = fixed("[circuit_breaker]\nconsecutive_failures = 1\nopen_duration = \"1h\"")
                            .set("circuit_breaker.on_open", what)
                            .make();
    throttle.acquire().failed();
    CHECK_THROWS_AS(throttle.acquire(), CircuitOpen);
  }
}

TEST_CASE("what is set wins over the environment, that over files, the last of them first") {
  const File named("max_concurrency = 2\ncost = 3");
  const File file("max_concurrency = 4");
  const InEnvironment config("GENTLIFY_CONFIG", named.path());
  ThrottleSettings settings;
  settings.set("controller", "fixed").environment();
  CHECK(limit(settings) == 2);
  settings.toml_file(file.path());
  CHECK(limit(settings) == 4);
  settings.toml("max_concurrency = 5");
  CHECK(limit(settings) == 5);
  const InEnvironment variable("GENTLIFY_MAX_CONCURRENCY", "6");
  CHECK(limit(settings) == 6);
  settings.set("max_concurrency", "8");
  CHECK(limit(settings) == 8);
}

TEST_CASE("another prefix has variables of its own") {
  const InEnvironment ours("APP_MAX_CONCURRENCY", "3");
  const InEnvironment other("APP_NAME", "whatever");
  ThrottleSettings settings;
  CHECK(limit(settings.set("controller", "fixed").environment("APP")) == 3);
}

TEST_CASE("settings that cannot be kept are errors that say where") {
  CHECK(why_not(fixed("max_concurrenzy = 1")).starts_with("c.toml:1:1: max_concurrenzy: there is"));
  CHECK(why_not(fixed("max_concurrency = -1")).starts_with("c.toml:1:19: max_concurrency = "));
  CHECK(why_not(fixed("load = 3")) ==
        "load = 3 (c.toml:1:8) cannot be kept by a throttle: a run of gentlify can");
  CHECK(why_not(fixed("fleet = \"redis://h/n\"")).find("cannot be kept") != std::string::npos);
  CHECK(why_not(fixed("max_concurrency = 0")).find("needs a limit on starts") != std::string::npos);
  CHECK(why_not(fixed("").set("nothing", "1")) == "nothing: there is no such setting");
  CHECK(why_not(fixed("").toml_file("/nonexistent/c.toml")).find("/nonexistent/c.toml") !=
        std::string::npos);
}
