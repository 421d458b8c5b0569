// Cuts made on plain failures, and when they are taken back.
#include "lib/control/hover/trial.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using hover::Trial;

namespace {

struct Bench {
  Trial trial;
  std::uint64_t attempts = 0;

  /// Jobs `first` to `last` caused the cut.
  void cut(std::uint64_t last = 4, std::uint64_t first = 1) {
    std::vector<JobId> accused;
    for (std::uint64_t job = first; job <= last; ++job) accused.push_back(JobId{job});
    trial.begin(AttemptId{attempts}, accused);
  }
  bool fail_again(std::uint64_t job, bool go_through = true) {
    return trial.retried(JobId{job}, true, go_through);
  }
  bool succeed(std::uint64_t job) { return trial.retried(JobId{job}, false, true); }

  /// `n` first tries, of which every `failing`th fails.
  std::optional<double> first_tries(int n, int failing) {
    std::optional<double> share;
    for (int i = 1; i <= n && !share; ++i) {
      share = trial.first_try(AttemptId{++attempts}, failing > 0 && i % failing == 0);
    }
    return share;
  }
};

}  // namespace

TEST_CASE("a cut is taken back where half of those that caused it fail again") {
  Bench b;
  b.cut(4);
  CHECK_FALSE(b.fail_again(1));
  CHECK(b.fail_again(2));
  CHECK_FALSE(b.trial.on());
}

TEST_CASE("it stands where they succeed at the lower level") {
  Bench b;
  b.cut(4);
  CHECK_FALSE(b.succeed(1));
  CHECK_FALSE(b.succeed(2));
  CHECK_FALSE(b.trial.on());
  CHECK_FALSE(b.fail_again(3));
  CHECK_FALSE(b.fail_again(4));
}

TEST_CASE("two must fail again for each that succeeds") {
  Bench b;
  b.cut(10);
  CHECK_FALSE(b.succeed(1));
  CHECK_FALSE(b.succeed(2));
  for (std::uint64_t job = 3; job <= 5; ++job) CHECK_FALSE(b.fail_again(job));
  CHECK(b.trial.on());
  CHECK(b.fail_again(6));
}

TEST_CASE("it stands where first tries do not go through either") {
  Bench b;
  b.cut(4);
  CHECK_FALSE(b.fail_again(1, false));
  CHECK_FALSE(b.fail_again(2, false));
}

TEST_CASE("one job that fails again is never enough, and it counts once") {
  Bench b;
  b.cut(2);
  CHECK_FALSE(b.fail_again(1));
  CHECK_FALSE(b.fail_again(1));
  CHECK(b.fail_again(2));
}

TEST_CASE("other jobs that fail again have nothing to do with it") {
  Bench b;
  b.cut(4);
  for (std::uint64_t job = 5; job < 50; ++job) CHECK_FALSE(b.fail_again(job));
  CHECK(b.trial.on());
}

TEST_CASE("a cut that follows joins the trial, with those that caused it") {
  Bench b;
  b.cut(2);
  CHECK_FALSE(b.fail_again(1));
  b.cut(8, 3);
  CHECK_FALSE(b.fail_again(2));
  CHECK_FALSE(b.fail_again(3));
  CHECK(b.fail_again(4));
}

TEST_CASE("60 first tries that fail as often as long before take the cut back, and say how often") {
  Bench b;
  b.first_tries(100, 10);
  b.cut();
  CHECK_FALSE(b.first_tries(59, 10));
  CHECK(b.trial.on());
  const std::optional<double> share = b.first_tries(1, 0);
  REQUIRE(share);
  CHECK(*share == Approx(0.1).margin(0.02));
  CHECK_FALSE(b.trial.on());
}

TEST_CASE("it stands where they fail less at the lower level, or far more") {
  for (const int failing : {0, 20, 3}) {
    CAPTURE(failing);
    Bench b;
    b.first_tries(100, 10);
    b.cut();
    CHECK_FALSE(b.first_tries(60, failing));
    CHECK_FALSE(b.trial.on());
  }
}

TEST_CASE("it stands where nothing failed long before: the last 30 may have been overload") {
  Bench b;
  b.first_tries(70, 0);
  b.first_tries(30, 3);
  b.cut();
  CHECK_FALSE(b.first_tries(60, 10));
}

TEST_CASE("it stands where too little is known of before") {
  Bench b;
  b.first_tries(70, 10);
  b.cut();
  CHECK_FALSE(b.first_tries(60, 10));
}

TEST_CASE("first tries that had started before the cut tell nothing of after it") {
  Bench b;
  b.first_tries(100, 10);
  b.attempts += 60;
  b.cut();
  b.attempts -= 60;
  CHECK_FALSE(b.first_tries(60, 10));
  CHECK(b.trial.on());
  CHECK(b.first_tries(60, 10));
}

TEST_CASE("a trial that is dropped takes nothing back") {
  Bench b;
  b.cut(4);
  b.trial.drop();
  CHECK_FALSE(b.fail_again(1));
  CHECK_FALSE(b.fail_again(2));
  CHECK_FALSE(b.fail_again(3));
}
