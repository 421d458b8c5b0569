// The words that describe the service of the tests.
#include "tests/service/model.h"

#include <stdexcept>

#include "lib/control/simulation/oracle.h"
#include "lib/control/simulation/service.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;
using gentlify::service::describe;

namespace {

TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

}  // namespace

TEST_CASE("words make a service: a bucket, a cap, steps and outages") {
  const sim::Model model =
      describe({"rate=5,40@30", "burst=2", "cap=8", "outage=10-20", "hang", "takes=0.25"}).model;
  const sim::Limits limits(model.limits, {});
  CHECK(limits.rate(at(29s)) == 5);
  CHECK(limits.rate(at(30s)) == 40);
  CHECK(limits.cap(at(0s)) == 8);
  CHECK(model.outages.at(at(9s)) == nullptr);
  REQUIRE(model.outages.at(at(19s)) != nullptr);
  CHECK(model.outages.at(at(19s))->hangs);
  CHECK(model.duration == 250ms);
  CHECK(model.signal == sim::Signal::failure);
  CHECK(describe({"retry-after"}).model.signal == sim::Signal::retry_after);
  CHECK(describe({"seed=7"}).seed == 7);
}

TEST_CASE("a word that says nothing of a service, or a number that is none, is refused") {
  for (const char* word : {"", "speed=4", "rate=", "rate=x", "cap=-1", "outage=10", "takes=1s"}) {
    CAPTURE(word);
    CHECK_THROWS_AS(describe({word}), std::invalid_argument);
  }
}

TEST_CASE("600 jobs of half a second take 29.5 s at best where 20 a second are taken, 20 at once") {
  sim::Plan plan;
  plan.jobs = 600;
  sim::Model model = describe({"rate=20", "burst=20", "takes=0.5"}).model;
  model.jitter = 0;
  CHECK(seconds(sim::oracle_makespan(model, plan)) == Approx(29.5).epsilon(0.001));
}
