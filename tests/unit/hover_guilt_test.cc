// Slots or rate: which of them refusals follow.
#include "lib/control/hover/guilt.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// Attempts in trouble, a millisecond after each other.
struct Bench {
  hover::Guilt guilt;
  TimePoint now = at(100s);

  void accept(int in_flight, bool in_trouble = true) {
    now += 1ms;
    guilt.accepted(now, in_flight, in_trouble, now);
  }
  void refuse(int in_flight) {
    now += 1ms;
    guilt.refused(now, in_flight, true);
  }
};

}  // namespace

TEST_CASE("refusals at more in flight than was ever accepted are the slots' fault") {
  Bench b;
  for (int n = 1; n <= 12; ++n) b.accept(n);
  for (int n = 13; n <= 16; ++n) b.refuse(n);
  CHECK_FALSE(b.guilt.rate_is_guilty(16));
}

TEST_CASE("refusals at no more in flight than was accepted are the rate's fault") {
  Bench b;
  for (int n = 1; n <= 12; ++n) b.accept(n);
  for (int n = 8; n <= 12; ++n) b.refuse(n);
  CHECK(b.guilt.rate_is_guilty(12));
}

TEST_CASE("the greater part of the refusals decides, and at half and half it is the slots") {
  for (const auto& [above, rate] : {std::pair{1, true}, std::pair{2, false}}) {
    CAPTURE(above);
    Bench b;
    b.accept(10);
    for (int i = 0; i < 4; ++i) b.refuse(i < above ? 11 : 5);
    CHECK(b.guilt.rate_is_guilty(5) == rate);
  }
}

TEST_CASE("what was refused was never in flight for those that started after it") {
  Bench b;
  b.accept(4);
  const TimePoint before = b.now + 1ms;
  b.now += 1ms;
  b.refuse(5);
  CHECK_FALSE(b.guilt.rate_is_guilty(5));
  // One of those five was refused too, which is heard only now: so it was at four in flight.
  b.guilt.refused(before, 4, true);
  CHECK(b.guilt.rate_is_guilty(4));
}

TEST_CASE("... also where its own failure does not count as a refusal") {
  Bench b;
  b.accept(4);
  const TimePoint before = b.now + 1ms;
  b.now += 1ms;
  b.refuse(5);
  b.guilt.refused(before, 9, false);
  CHECK(b.guilt.rate_is_guilty(5));
}

TEST_CASE("a refusal changes nothing for those that had started before it") {
  Bench b;
  b.accept(4);
  for (int i = 0; i < 3; ++i) b.refuse(5);
  CHECK_FALSE(b.guilt.rate_is_guilty(5));
}

TEST_CASE("before trouble has shown an acceptance, the most accepted in the last 30 s stands in") {
  Bench b;
  b.accept(10, false);
  b.accept(6, false);
  b.refuse(8);
  CHECK(b.guilt.rate_is_guilty(10));
  CHECK_FALSE(b.guilt.rate_is_guilty(11));
  b.now += 31s;
  b.accept(6, false);
  CHECK_FALSE(b.guilt.rate_is_guilty(10));
  CHECK(b.guilt.rate_is_guilty(6));
}

TEST_CASE("where nothing was ever accepted it is the slots") {
  Bench b;
  b.refuse(1);
  CHECK_FALSE(b.guilt.rate_is_guilty(1));
}

TEST_CASE("new trouble is judged by its own refusals") {
  Bench b;
  b.accept(4);
  for (int n = 5; n <= 9; ++n) b.refuse(n);
  CHECK_FALSE(b.guilt.rate_is_guilty(4));
  b.guilt.clear();
  b.accept(4);
  b.refuse(4);
  CHECK(b.guilt.rate_is_guilty(4));
}
