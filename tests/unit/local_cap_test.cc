// Back-pressure from this machine.
#include "lib/control/local_cap.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start = TimePoint{} + 1s;

}  // namespace

TEST_CASE("without a failed start nothing is held back") {
  LocalCap cap;
  CHECK(cap.next_start(start, 1000).at <= start);
}

TEST_CASE("after a failed start one less than those that run may run") {
  LocalCap cap;
  cap.on_start_failed(start, 10);
  CHECK(cap.cap() == 9);
  CHECK(cap.next_start(start, 9).at > start);
  CHECK(cap.next_start(start, 9).gate == Gate::local);
  CHECK(cap.next_start(start + 200ms, 8).at <= start + 200ms);
}

TEST_CASE("the cap grows by one each ten seconds") {
  LocalCap cap;
  cap.on_start_failed(start, 10);
  CHECK(cap.next_start(start + 9s, 9).at == start + 10s);
  CHECK(cap.next_start(start + 10s, 9).at <= start + 10s);
  CHECK(cap.next_start(start + 10s, 10).at > start + 10s);
  CHECK(cap.next_start(start + 35s, 11).at <= start + 35s);
}

TEST_CASE("with nothing running a start is tried again soon, and hopeless after 30 seconds") {
  LocalCap cap;
  TimePoint now = start;
  cap.on_start_failed(now, 0);
  CHECK(cap.cap() == 1);
  CHECK(cap.next_start(now, 0).at == now + 100ms);
  for (; now < start + 29s; now += 100ms) cap.on_start_failed(now, 0);
  CHECK_FALSE(cap.hopeless(now));
  cap.on_start_failed(start + 30s, 0);
  CHECK(cap.hopeless(start + 30s));
}

TEST_CASE("a start that works takes the despair away") {
  LocalCap cap;
  cap.on_start_failed(start, 0);
  cap.on_started();
  cap.on_start_failed(start + 25s, 0);
  CHECK_FALSE(cap.hopeless(start + 31s));
}
