// Whether more slots brought more throughput, by cohorts of attempts.
#include "lib/control/hover/must_pay.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

using Ceiling = std::optional<double>;
using hover::MustPay;

struct Bench {
  MustPay must_pay;

  std::vector<MustPay::Cohort> start(int n, int in_flight) {
    std::vector<MustPay::Cohort> cohorts;
    for (int i = 0; i < n; ++i) cohorts.push_back(must_pay.start(in_flight));
    return cohorts;
  }
  Ceiling succeed(MustPay::Cohort cohort, int in_flight, Duration took, double running = 0) {
    return must_pay.success(cohort, in_flight, took, [=](MustPay::Cohort) { return running; });
  }
  /// `n` attempts start with `in_flight` in flight, and succeed one right after the other.
  Ceiling cohort(int in_flight, Duration took, int n = 12) {
    int left = n;
    for (const MustPay::Cohort cohort : start(n, in_flight)) {
      const double running = --left * seconds(took);
      if (const Ceiling ceiling = succeed(cohort, in_flight, took, running)) return ceiling;
    }
    return {};
  }
};

}  // namespace

TEST_CASE("the first cohort only says where to compare from") {
  Bench b;
  CHECK_FALSE(b.cohort(10, 100s));
}

TEST_CASE("more slots that bring nothing make the reference the ceiling") {
  Bench b;
  b.cohort(10, 1s);
  CHECK(b.cohort(20, 2s) == Ceiling(10));
}

TEST_CASE("a quarter of the proportional gain is enough, and less is not") {
  // Twice the slots must bring 1.25 times the throughput: each may take up to 1.6 times as long.
  for (const auto& [took, pays] : {std::pair{1590ms, true}, std::pair{1610ms, false}}) {
    CAPTURE(took.count());
    Bench b;
    b.cohort(10, 1s);
    CHECK(b.cohort(20, took).has_value() != pays);
  }
}

TEST_CASE("three times the slots must bring one and a half times the throughput") {
  for (const auto& [took, pays] : {std::pair{1990ms, true}, std::pair{2010ms, false}}) {
    CAPTURE(took.count());
    Bench b;
    b.cohort(10, 1s);
    CHECK(b.cohort(30, took).has_value() != pays);
  }
}

TEST_CASE("less than 1.4 times the slots is not looked at, however slow") {
  Bench b;
  b.cohort(10, 1s);
  CHECK_FALSE(b.cohort(13, 100s));
  Bench c;
  c.cohort(10, 1s);
  CHECK(c.cohort(14, 100s));
}

TEST_CASE("a cohort that paid is compared with from then on") {
  Bench b;
  b.cohort(10, 1s);
  CHECK_FALSE(b.cohort(20, 1s));
  CHECK(b.cohort(40, 2s, 20) == Ceiling(20));
}

TEST_CASE("eleven attempts are too few") {
  Bench b;
  b.cohort(10, 1s);
  CHECK_FALSE(b.cohort(20, 100s, 11));
}

TEST_CASE("at many slots a cohort is as many attempts as the reference had slots") {
  Bench b;
  b.cohort(50, 1s);
  CHECK_FALSE(b.cohort(100, 100s, 49));
  Bench c;
  c.cohort(50, 1s);
  CHECK(c.cohort(100, 100s, 50) == Ceiling(50));
}

TEST_CASE("survivors do not flatter: those that still run count for as long as they have run") {
  for (const auto& [running, pays] : {std::pair{3.0, true}, std::pair{30.0, false}}) {
    CAPTURE(running);
    Bench b;
    b.cohort(10, 1s);
    const auto cohorts = b.start(12, 20);
    Ceiling ceiling;
    for (std::size_t i = 0; i < 9; ++i) ceiling = b.succeed(cohorts[i], 20, 1s, running);
    CHECK(ceiling.has_value() != pays);
  }
}

TEST_CASE("a cohort is the first that started, not the first that ended") {
  Bench b;
  b.cohort(10, 1s);
  const auto slow = b.start(12, 20);
  const auto quick = b.start(12, 20);
  for (const MustPay::Cohort cohort : quick) CHECK_FALSE(b.succeed(cohort, 20, 1ms));
  Ceiling ceiling;
  for (const MustPay::Cohort cohort : slow) {
    if (!ceiling) ceiling = b.succeed(cohort, 20, 10s);
  }
  CHECK(ceiling == Ceiling(10));
}

TEST_CASE("a failure tells nothing of durations: another attempt takes its place") {
  Bench b;
  b.cohort(10, 1s);
  const auto cohorts = b.start(12, 20);
  for (std::size_t i = 0; i < 6; ++i) b.must_pay.failed(cohorts[i], 20);
  for (std::size_t i = 6; i < 12; ++i) CHECK_FALSE(b.succeed(cohorts[i], 20, 100s));
  CHECK(b.cohort(20, 100s, 6) == Ceiling(10));
}

TEST_CASE("a new generation gathers its cohort anew, and does not wait for the one before") {
  Bench b;
  b.cohort(10, 1s);
  const auto before = b.start(12, 20);
  b.must_pay.new_generation();
  const auto after = b.start(12, 20);
  for (const MustPay::Cohort cohort : before) CHECK_FALSE(b.succeed(cohort, 20, 100s));
  Ceiling ceiling;
  for (const MustPay::Cohort cohort : after) {
    if (!ceiling) ceiling = b.succeed(cohort, 20, 100s);
  }
  CHECK(ceiling == Ceiling(10));
}

TEST_CASE("attempts around the reference keep it up to date") {
  Bench b;
  b.cohort(10, 1s);
  for (int i = 0; i < 1000; ++i) b.succeed(0, 10, 1s);
  // Now everything takes twice as long: that is not for more slots.
  for (int i = 0; i < 200; ++i) b.succeed(0, 10, 2s);
  CHECK_FALSE(b.cohort(20, 2s));
}

TEST_CASE("a cut below the reference forgets it, one above does not") {
  Bench b;
  b.cohort(10, 1s);
  b.must_pay.cut(4);
  CHECK_FALSE(b.cohort(20, 100s));
  Bench c;
  c.cohort(10, 1s);
  c.must_pay.cut(15);
  CHECK(c.cohort(20, 100s) == Ceiling(10));
}

TEST_CASE("attempts of a cohort that is done with are not counted in the next") {
  Bench b;
  b.cohort(10, 1s);
  const auto old = b.start(12, 20);
  for (std::size_t i = 0; i < 9; ++i) b.succeed(old[i], 20, 2s);
  for (std::size_t i = 9; i < 12; ++i) CHECK_FALSE(b.succeed(old[i], 20, 1000s));
  CHECK_FALSE(b.cohort(20, 1s));
}

TEST_CASE("the ceiling that is set is whole, and at least 1") {
  Bench b;
  for (int i = 0; i < 12; ++i) b.succeed(b.must_pay.start(1 + i % 2), 1, 1s);
  CHECK(b.cohort(4, 100s) == Ceiling(1));
}
