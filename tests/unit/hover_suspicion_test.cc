// How much evidence is enough: the numbers of failures and successes that declare overload.
#include "lib/control/hover/suspicion.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using hover::Suspicion;

namespace {

/// Outcomes of jobs, each a new one.
struct Bench {
  Suspicion suspicion;
  std::uint64_t jobs = 0;

  JobId fail() {
    const JobId job{++jobs};
    suspicion.failure(job);
    return job;
  }
  void fail(int n) {
    for (int i = 0; i < n; ++i) fail();
  }
  void succeed(int n) {
    for (int i = 0; i < n; ++i) suspicion.success();
  }
  bool cruising() const { return suspicion.declared(false); }
  bool past_ceiling() const { return suspicion.declared(true); }
  /// Failures in a row that are enough, or 1000.
  int enough(bool past) {
    int n = 0;
    while (!suspicion.declared(past) && n < 1000) fail(), ++n;
    return n;
  }
  /// Every `n`th of a thousand attempts fails: is that ever taken for overload?
  bool is_overload(int n) {
    for (int i = 1; i <= 1000; ++i) {
      if (i % n == 0) fail();
      if (cruising()) return true;
      if (i % n != 0) succeed(1);
    }
    return false;
  }
};

}  // namespace

TEST_CASE("four failures in a row are overload while cruising, three are not") {
  Bench b;
  b.fail(3);
  CHECK_FALSE(b.cruising());
  b.fail();
  CHECK(b.cruising());
}

TEST_CASE("past a ceiling two failures are enough, and one is not") {
  Bench b;
  b.fail();
  CHECK_FALSE(b.past_ceiling());
  b.fail();
  CHECK(b.past_ceiling());
  CHECK_FALSE(b.cruising());
}

TEST_CASE("jobs that are probably broken count as such before they are given up") {
  Bench b;
  b.suspicion.suspects(5);
  CHECK(b.suspicion.broken_share() == Approx(0.2));
  CHECK(b.enough(false) > 4);
  b.suspicion.suspects(0);
  CHECK(b.suspicion.broken_share() == 0);
}

TEST_CASE("overload that was said is enough by itself, whatever went well before") {
  Bench b;
  b.succeed(1000);
  b.suspicion.expect(0.5);
  b.suspicion.said();
  CHECK(b.cruising());
}

TEST_CASE("successes take suspicion back, but earn no credit") {
  Bench b;
  b.fail(2);
  CHECK(b.suspicion.suspected());
  b.succeed(100);
  CHECK(b.suspicion.none());
  CHECK(b.enough(false) == 4);
}

TEST_CASE("two failures in a row are suspicious, one is not") {
  Bench b;
  b.fail();
  CHECK_FALSE(b.suspicion.suspected());
  b.fail();
  CHECK(b.suspicion.suspected());
}

TEST_CASE("one failure in twenty is noise for ever, one in eight is overload") {
  CHECK_FALSE(Bench().is_overload(20));
  CHECK(Bench().is_overload(8));
}

TEST_CASE("where a fifth of the jobs is known to be broken, one failure in five is expected") {
  CHECK(Bench().is_overload(5));
  Bench b;
  b.suspicion.expect(0.2);
  CHECK_FALSE(b.is_overload(5));
  CHECK(b.is_overload(2));
}

TEST_CASE("the more jobs are broken, the more failures it takes, past a ceiling too") {
  int cruising = 3;
  int past = 0;
  for (const double share : {0.0, 0.1, 0.25}) {
    CAPTURE(share);
    Bench a;
    Bench b;
    a.suspicion.expect(share);
    b.suspicion.expect(share);
    const int more_cruising = a.enough(false);
    const int more_past = b.enough(true);
    CHECK(more_cruising > cruising);
    CHECK(more_past > past);
    CHECK(more_past <= more_cruising);
    cruising = more_cruising;
    past = more_past;
  }
}

TEST_CASE("even where half of the jobs are broken nothing but failures is overload") {
  Bench b;
  b.suspicion.expect(1);
  CHECK(b.suspicion.broken_share() == 0.5);
  CHECK(b.enough(false) <= 20);
}

TEST_CASE("what a job added is taken back, once") {
  Bench b;
  const JobId job = b.fail();
  b.fail(3);
  REQUIRE(b.cruising());
  b.suspicion.strike(job);
  CHECK_FALSE(b.cruising());
  b.suspicion.strike(job);
  b.suspicion.strike(JobId{999});
  b.fail();
  CHECK(b.cruising());
}

TEST_CASE("what was struck after a new generation began changes nothing in it") {
  Bench b;
  const JobId job = b.fail();
  b.suspicion.clear();
  CHECK(b.suspicion.none());
  b.fail(4);
  b.suspicion.strike(job);
  CHECK(b.cruising());
}

TEST_CASE("the share of broken jobs follows the last 200 or so that were settled") {
  Suspicion s;
  CHECK(s.broken_share() == 0);
  for (int i = 0; i < 1000; ++i) s.job_settled(i % 10 == 0);
  CHECK(s.broken_share() == Approx(0.1).margin(0.02));
  for (int i = 0; i < 1000; ++i) s.job_settled(false);
  CHECK(s.broken_share() < 0.01);
}

TEST_CASE("the first job that is broken says little of the others") {
  Suspicion s;
  s.job_settled(true);
  CHECK(s.broken_share() < 0.06);
}

TEST_CASE("what is expected never lowers what is known") {
  Suspicion s;
  s.expect(0.3);
  s.expect(0.1);
  CHECK(s.broken_share() == Approx(0.3));
}
