// How a knob of hover grows, in successes and in time, and what it remembers.
#include "lib/control/hover/knob.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;
using hover::Knob;
using Why = hover::Knob::Why;

namespace {

/// A knob that has just advanced, and successes that come at once, so that no time counts.
struct Bench {
  Knob knob;
  TimePoint now = at(0s);

  explicit Bench(double ceiling) { knob.set_ceiling(ceiling, Why::refused, now); }

  double after(int successes, std::size_t in_flight = 1, bool calm = true) {
    for (int i = 0; i < successes; ++i) knob.advance(now, calm, in_flight);
    return knob.value();
  }
  double gain(int successes) {
    const double before = knob.value();
    return after(successes) - before;
  }
  /// Successes until more than the ceiling is tried.
  int until_tested() {
    int n = 0;
    for (; !knob.testing(); ++n) knob.advance(now, true, 1);
    return n;
  }
};

}  // namespace

TEST_CASE("a knob without a ceiling is unlimited, and successes change nothing") {
  Knob knob;
  knob.advance(at(100s), true, 1);
  CHECK_FALSE(knob.known());
  CHECK_FALSE(knob.testing());
  CHECK(knob.value() == Knob::unlimited);
}

TEST_CASE(
    "a knob stands at 97 % of a new ceiling, touches it after 25 successes and is 3 % over it "
    "after 50") {
  Bench b(100);
  CHECK(b.knob.value() == Approx(97));
  CHECK(b.after(25) == Approx(100));
  CHECK_FALSE(b.knob.testing());
  CHECK(b.after(1) > 100);
  CHECK(b.knob.testing());
  CHECK(b.after(24) == Approx(103));
}

TEST_CASE("clearly past its ceiling a knob doubles every 12.5 successes") {
  Bench b(100);
  CHECK(b.after(50 + 25) == Approx(4 * 103));
  CHECK(b.after(25) == Approx(16 * 103));
}

TEST_CASE("a knob grows slowest around its ceiling") {
  Bench b(100);
  const double below = b.gain(5);
  b.after(15);
  const double around = b.gain(5);
  b.after(40);
  const double past = b.gain(5);
  CHECK(around < below / 10);
  CHECK(past > 10 * below);
}

TEST_CASE("a knob never falls by a success") {
  Bench b(7);
  double last = b.knob.value();
  for (int i = 0; i < 100; ++i) {
    const double value = b.after(1);
    CHECK(value >= last);
    last = value;
  }
}

TEST_CASE("below its ceiling time counts too: ten seconds are a whole patience") {
  Bench b(100);
  for (int second = 1; second <= 10; ++second) {
    CHECK_FALSE(b.knob.testing());
    b.now = at(std::chrono::seconds(second));
    b.after(1);
  }
  CHECK(b.knob.value() == Approx(100));
}

TEST_CASE("... and twenty seconds are one of a hundred successes") {
  Bench b(100);
  for (int i = 0; i < 2; ++i) {
    b.until_tested();
    b.knob.set_ceiling(100, Why::test_failed, b.now);
  }
  for (int second = 1; second <= 20; ++second) {
    CHECK_FALSE(b.knob.testing());
    b.now += 1s;
    b.after(1);
  }
  CHECK(b.knob.value() == Approx(100));
}

TEST_CASE("a wait of any length is no more than one patience") {
  Bench b(100);
  b.now = at(1h);
  CHECK(b.after(1) == Approx(100));
}

TEST_CASE("a round of attempts at once no more than doubles a knob past its ceiling") {
  Bench b(100);
  b.after(50);
  CHECK(b.after(64, 64) == Approx(2 * 103));
}

TEST_CASE("past its ceiling a knob grows on calm successes only, below it on all") {
  Bench b(100);
  CHECK(b.after(26, 1, false) > 100);
  const double value = b.knob.value();
  CHECK(b.after(50, 1, false) == value);
  CHECK(b.after(1, 1, true) > value);
}

TEST_CASE("each test that fails doubles the patience, up to 120 successes") {
  Bench b(100);
  for (const int patience : {25, 50, 100, 120, 120}) {
    CHECK(b.until_tested() == patience + 1);
    b.knob.set_ceiling(100, Why::test_failed, b.now);
    CHECK(b.knob.value() == Approx(97));
  }
}

TEST_CASE("a refusal while nothing was tested leaves the patience as it is") {
  Bench b(100);
  b.knob.set_ceiling(100, Why::refused, b.now);
  CHECK(b.until_tested() == 26);
}

TEST_CASE("a ceiling that really moved makes the knob as impatient as at first") {
  for (const auto& [ceiling, moved] :
       {std::pair{126.0, true}, std::pair{124.0, false}, std::pair{81.0, false}}) {
    CAPTURE(ceiling);
    Bench b(100);
    b.knob.set_ceiling(100, Why::test_failed, b.now);
    b.now = at(1h);  // what was there before is forgotten
    b.after(1);
    b.knob.set_ceiling(ceiling, Why::refused, b.now);
    if (ceiling > 100) CHECK(b.until_tested() == (moved ? 26 : 51));
    if (ceiling < 100) CHECK(b.until_tested() > 26);
  }
  Bench b(100);
  b.knob.set_ceiling(100, Why::test_failed, b.now);
  b.knob.set_ceiling(79, Why::refused, b.now);
  CHECK(b.until_tested() <= 26);
}

TEST_CASE("the deeper the fall, the sooner the first test") {
  int before = 26;
  for (const double ceiling : {90.0, 70.0, 50.0, 30.0, 10.0}) {
    CAPTURE(ceiling);
    Bench b(100);
    b.knob.set_ceiling(ceiling, Why::refused, b.now);
    const int tested = b.until_tested();
    CHECK(tested < before);
    before = tested;
  }
  CHECK(before <= 2);
}

TEST_CASE("after minutes a height is forgotten, and with it the hurry to come back") {
  Bench b(100);
  b.knob.set_ceiling(60, Why::refused, b.now);
  b.now = at(10min);
  b.after(1);
  b.knob.set_ceiling(58, Why::refused, b.now);
  CHECK(b.knob.value() == Approx(58).epsilon(0.04));
  CHECK(b.until_tested() >= 25);
}

TEST_CASE("where more was of no use the knob is in no hurry to come back to it") {
  Bench refused(100);
  Bench no_use(100);
  for (Bench* b : {&refused, &no_use}) {
    b->now = at(10min);
    b->after(1);
  }
  refused.knob.set_ceiling(50, Why::refused, refused.now);
  no_use.knob.set_ceiling(50, Why::no_use, no_use.now);
  CHECK(refused.until_tested() <= 13);
  CHECK(no_use.until_tested() >= 51);
}

TEST_CASE(
    "a test that is called off leaves the knob at its ceiling, and one that stands below it "
    "where it is") {
  Bench b(100);
  b.after(80);
  b.knob.stop_testing();
  CHECK(b.knob.value() == Approx(100));
  CHECK_FALSE(b.knob.testing());
  Bench low(100);
  low.after(3);
  const double value = low.knob.value();
  low.knob.stop_testing();
  CHECK(low.knob.value() == value);
}
