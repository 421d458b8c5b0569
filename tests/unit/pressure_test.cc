// What the kernel tells of a busy machine, from files of the test's own.
#include "lib/engine/pressure.h"

#include <fstream>

#include "tests/unit/catch.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;

namespace {

TimePoint at(Duration since) {
  return TimePoint{} + since;
}

std::string psi(std::string_view some, std::string_view full) {
  return "some avg10=" + std::string(some) +
         " avg60=9.00 avg300=9.00 total=9\nfull avg10=" + std::string(full) +
         " avg60=9.00 avg300=9.00 total=9\n";
}

Pressure on_load(double most, const File& file) {
  return Pressure({most, 0, file.path(), "/nowhere"});
}

Pressure on_memory(double most, const File& file) {
  return Pressure({0, most, "/nowhere", file.path()});
}

std::string refusal(const Pressure::Settings& settings) {
  try {
    const Pressure pressure(settings);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::bad_config);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("nothing is read, and nothing is over, where no gate was asked for") {
  Pressure pressure({0, 0, "/nowhere", "/nowhere"});
  CHECK_FALSE(pressure.look(at(0s)));
  CHECK_FALSE(pressure.is_over(Gate::load));
  CHECK_FALSE(pressure.is_over(Gate::memory));
  CHECK(pressure.next(Gate::slots) == never);
}

TEST_CASE("the load average of the last minute is over the limit, or it is not") {
  const File file("4.25 8.00 9.00 3/123 4567\n");
  Pressure over = on_load(4.2, file);
  CHECK(over.look(at(0s)));
  CHECK(over.is_over(Gate::load));
  CHECK_FALSE(over.is_over(Gate::memory));
  Pressure just = on_load(4.25, file);
  CHECK(just.look(at(0s)));
  CHECK_FALSE(just.is_over(Gate::load));
}

TEST_CASE("of the memory's pressure the last 10 s of some processes count") {
  const File file(psi("12.34", "0.00"));
  Pressure over = on_memory(12, file);
  CHECK(over.look(at(0s)));
  CHECK(over.is_over(Gate::memory));
  CHECK_FALSE(over.is_over(Gate::load));
  Pressure under = on_memory(12.5, file);
  CHECK(under.look(at(0s)));
  CHECK_FALSE(under.is_over(Gate::memory));
}

TEST_CASE("a look is taken once a second") {
  const File file("1.00 0 0 1/1 1\n");
  Pressure pressure = on_load(2, file);
  CHECK(pressure.look(at(5s)));
  std::ofstream(file.path()) << "3.00 0 0 1/1 1\n";
  CHECK_FALSE(pressure.look(at(6s) - 1ns));
  CHECK_FALSE(pressure.is_over(Gate::load));
  CHECK(pressure.next(Gate::load) == at(6s));
  CHECK(pressure.look(at(6s)));
  CHECK(pressure.is_over(Gate::load));
}

TEST_CASE("what cannot be read for a moment keeps its last value") {
  const File file("3.00 0 0 1/1 1\n");
  Pressure pressure = on_load(2, file);
  CHECK(pressure.look(at(0s)));
  std::ofstream(file.path()) << "";
  CHECK(pressure.look(at(1s)));
  CHECK(pressure.is_over(Gate::load));
}

TEST_CASE("why a gate holds jobs back is said once") {
  const File file("3.00 0 0 1/1 1\n");
  Pressure pressure = on_load(2, file);
  pressure.look(at(0s));
  CHECK(pressure.news(Gate::slots).empty());
  CHECK(pressure.news(Gate::load) ==
        "the load average is 3, and --load is 2: while it is over that, a job starts only where no "
        "other runs");
  CHECK(pressure.news(Gate::load).empty());
}

TEST_CASE("a gate on what this kernel does not tell is refused") {
  CHECK_THAT(refusal({0, 10, "", "/nowhere"}),
             Catch::Matchers::StartsWith("--memory-pressure: the memory pressure is not known "
                                         "here, for /nowhere cannot be read (No such file"));
  const File other("some text\n");
  CHECK_THAT(refusal({1, 0, other.path(), ""}),
             Catch::Matchers::StartsWith("--load: the load average is not known here"));
}

TEST_CASE("the limits of a busy machine are numbers, or none") {
  CHECK(load({}).settings.load == 0);
  CHECK(load({"--load", "7.5"}).settings.load == 7.5);
  CHECK(load({"--memory-pressure", "10"}).settings.memory_pressure == 10);
  CHECK(load({"--load", "none"}, {"GENTLIFY_LOAD=3"}).settings.load == 0);
  CHECK_THROWS_AS(load({"--load", "0"}), Error);
  CHECK_THROWS_AS(load({"--memory-pressure", "101"}), Error);
}
