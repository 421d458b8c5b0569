// The rate that was accepted, from the starts that were.
#include "lib/control/hover/starts.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// Starts, one after the other.
struct Bench {
  hover::Starts starts;
  std::uint64_t attempts = 0;
  TimePoint now = at(100s);

  /// `n` starts, `apart`; every `refused`th is refused.
  void start(int n, Duration apart, int refused = 0) {
    for (int i = 1; i <= n; ++i) {
      Attempt a;
      a.id = AttemptId{++attempts};
      a.started = now;
      starts.add(a);
      if (refused > 0 && i % refused == 0) starts.refused(a.id);
      now += apart;
    }
  }
  double accepted(TimePoint trouble = never, double broken = 0) const {
    return starts.accepted(now, trouble, broken);
  }
};

}  // namespace

TEST_CASE("without trouble the rate is that of the last second") {
  Bench b;
  b.start(1000, 1s);
  b.start(100, 10ms);
  CHECK(b.accepted() == Approx(100));
}

TEST_CASE("... or of the last 20 starts, where they took longer") {
  Bench b;
  b.start(100, 10ms);
  b.start(20, 500ms);
  CHECK(b.accepted() == Approx(2));
}

TEST_CASE("since trouble began only what came since counts") {
  Bench b;
  b.start(100, 10ms);
  const TimePoint trouble = b.now;
  b.start(40, 100ms);
  CHECK(b.accepted(trouble) == Approx(10));
}

TEST_CASE("trouble of less than half a second tells too little") {
  Bench b;
  b.start(100, 10ms);
  const TimePoint trouble = b.now;
  b.start(4, 100ms);
  CHECK(b.accepted(trouble) == Approx(b.accepted(never)));
  CHECK(b.accepted(trouble) > 40);
}

TEST_CASE("at least ten starts are looked at, also where trouble has seen fewer") {
  Bench b;
  b.start(30, 100ms);
  const TimePoint trouble = b.now;
  b.start(1, 1s);
  CHECK(b.accepted(trouble) == Approx(10 / 1.9));
}

TEST_CASE("what was refused was not accepted") {
  Bench b;
  b.start(100, 20ms, 2);
  CHECK(b.accepted() == Approx(25).epsilon(0.05));
}

TEST_CASE("never more than the last 200 starts are looked at") {
  Bench b;
  const TimePoint trouble = b.now;
  b.start(1000, 1ms);
  b.start(200, 10ms);
  CHECK(b.accepted(trouble) == Approx(100));
}

TEST_CASE("starts are not charged with what broken jobs failed") {
  Bench b;
  b.start(100, 10ms, 5);
  CHECK(b.accepted(never, 0.2) == Approx(100));
}

TEST_CASE("where nothing was accepted the rate is that of one start, never none") {
  Bench b;
  b.start(20, 1s, 1);
  CHECK(b.accepted() == Approx(1.0 / 20));
  CHECK(Bench().accepted() > 0);
}

TEST_CASE("a refusal of an attempt that is long forgotten changes nothing") {
  Bench b;
  b.start(500, 10ms);
  b.starts.refused(AttemptId{1});
  b.starts.refused(AttemptId{501});
  CHECK(b.accepted() == Approx(100));
}
