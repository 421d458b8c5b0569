// What can refuse a start, against what the formulas say.
#include <cmath>

#include "lib/control/simulation/limits.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::sim;
using namespace std::chrono_literals;
using gentlify::test::at;

namespace {

Limits only(Limit limit) {
  return {{std::move(limit)}, {}};
}

/// How many of the starts that are tried every `each`, from 0 up to and with `end`, are admitted.
int admitted(Limits& limits, Duration end, Duration each = 1ms) {
  int count = 0;
  for (Duration t{}; t <= end; t += each) count += limits.admit(at(t), 0);
  return count;
}

}  // namespace

TEST_CASE("a token bucket admits its burst and what flows in") {
  for (const double rate : {0.5, 7.0, 20.0}) {
    for (const double burst : {2.0, 20.0}) {
      Limits limits = only(TokenBucket(rate, burst));
      CHECK(admitted(limits, 60s) == static_cast<int>(burst + rate * 60));
    }
  }
}

TEST_CASE("a token bucket follows its rate step by step") {
  Limits limits = only(TokenBucket(Steps({{0s, 10}, {10s, 0}, {20s, 3}}), 5));
  CHECK(admitted(limits, 40s) == 5 + 10 * 10 + 3 * 20);
}

TEST_CASE("a token bucket says to the nanosecond when it opens") {
  TokenBucket bucket(Steps({{0s, 0.25}, {2s, 1}}), 1);
  bucket.take(at(0s));
  CHECK(bucket.opens(at(0s), 0) == at(2500ms));
  CHECK(bucket.opens(at(2499ms), 0) == at(2500ms));
  CHECK(bucket.opens(at(2500ms), 0) == at(2500ms));
  TokenBucket dry(Steps({{0s, 1}, {1s, 0}}), 2);
  for (int i = 0; i < 2; ++i) dry.take(at(500ms));
  CHECK(dry.opens(at(2s), 0) == never);
}

TEST_CASE("a fixed window admits its count in each window, wherever the first began") {
  Limits limits = only(FixedWindow(3, 10s));
  CHECK(admitted(limits, 59999ms) == 6 * 3);
  Limits late = only(FixedWindow(3, 10s, 9s));
  CHECK(admitted(late, 999ms) == 3);
  CHECK(late.opens(at(999ms), 0) == at(1s));
  for (int i = 0; i < 3; ++i) CHECK(late.admit(at(1s), 0));
  CHECK_FALSE(late.admit(at(1s), 0));
}

TEST_CASE("a sliding window never admits more than its count within its length") {
  SlidingWindow window(4, 10s);
  std::vector<TimePoint> starts;
  for (Duration t{}; t < 200s; t += 137ms) {
    if (window.opens(at(t), 0) > at(t)) continue;
    window.take(at(t));
    starts.push_back(at(t));
  }
  for (std::size_t i = 4; i < starts.size(); ++i) CHECK(starts[i] - starts[i - 4] >= 10s);
  CHECK(starts.size() >= 4 * 19);
}

TEST_CASE("a cap admits below it and cannot say when there will be room, unless it grows") {
  Limits limits = only(Cap(Steps({{0s, 2}, {5s, 4}, {9s, 1}})));
  CHECK(limits.admit(at(0s), 1));
  CHECK_FALSE(limits.admit(at(0s), 2));
  CHECK_FALSE(limits.retry_after(at(0s), 2));
  CHECK(limits.opens(at(0s), 2) == at(5s));
  CHECK(limits.opens(at(0s), 4) == never);
  CHECK(limits.admit(at(5s), 3));
  CHECK_FALSE(limits.admit(at(9s), 1));
}

TEST_CASE("what one limit refuses costs nothing at the others") {
  Limits limits({TokenBucket(1.0, 1), Cap(2.0)}, {});
  CHECK_FALSE(limits.admit(at(0s), 2));
  CHECK(limits.admit(at(0s), 1));
  CHECK_FALSE(limits.admit(at(0s), 0));
  CHECK(limits.retry_after(at(400ms), 0) == 600ms);
  CHECK(limits.rate(at(0s)) == 1.0);
  CHECK(limits.cap(at(0s)) == 2);
}

TEST_CASE("a ban refuses everything for its time, and refusals during it are no strikes") {
  Limits limits({TokenBucket(1.0, 1)}, PenaltyBox(3, 1s, 30s));
  CHECK(limits.admit(at(0s), 0));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limits.admit(at(100ms), 0));
  CHECK(limits.opens(at(5s), 0) == at(30100ms));
  CHECK(limits.retry_after(at(5s), 0) == 25100ms);
  for (int i = 0; i < 9; ++i) CHECK_FALSE(limits.admit(at(29s), 0));
  CHECK(limits.admit(at(30100ms), 0));
  for (const Duration t : {30200ms, 30300ms, 31350ms}) limits.admit(at(t), 0);
  CHECK(limits.opens(at(31400ms), 0) < at(33s));
}

TEST_CASE("a long time of short periods is summed by the period") {
  const sim::Steps steps({{0s, 1}, {500us, 3}}, 1ms);
  CHECK(steps.integral(at(0s), at(1000h)) == Approx(2 * 3'600'000.0));
  CHECK(steps.integral(at(0s) + 250us, at(0s) + 3250us) == Approx(0.006));
  CHECK(seconds(steps.reaches(at(0s), 7'200'000) - at(0s)) == Approx(3'600'000));
  CHECK(steps.reaches(at(0s), 0.0025) == at(0s) + 1500us);
}

TEST_CASE("steps that are repeated begin again with each period") {
  const Steps steps({{0s, 20}, {15s, 4}}, 30s);
  CHECK(steps.at(at(14s)) == 20);
  CHECK(steps.at(at(15s)) == 4);
  CHECK(steps.at(at(30s)) == 20);
  CHECK(steps.at(at(3h + 16s)) == 4);
  CHECK(steps.next_change(at(31s)) == at(45s));
  CHECK(steps.integral(at(0s), at(60s)) == Approx(2 * (15 * 20 + 15 * 4)));
  CHECK(steps.integral(at(10s), at(31s)) == Approx(5 * 20 + 15 * 4 + 20));
  CHECK(steps.reaches(at(10s), 100 + 40) == at(25s));
}
