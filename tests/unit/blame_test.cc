// Whether it is the jobs that fail or the service, as a controller with a circuit finds it out.
#include "lib/control/blame.h"

#include "lib/control/controller.h"
#include "lib/control/fixed.h"
#include "lib/control/random.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Controller controller() {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = 100;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds, 0, 1);
  return Controller(std::move(gates));
}

/// Attempts, one after the other: each starts as soon as the circuit lets it, and takes a second.
struct Bench {
  Controller control = controller();
  std::uint64_t attempts = 0;
  TimePoint now = at(1s);

  Attempt start(bool repeat = false) {
    const TimePoint due = control.next_start(now, 0, 1).at;
    REQUIRE(due < never);
    now = std::max(now, due);
    REQUIRE(control.next_start(now, 0, 1).at <= now);
    Attempt a;
    a.id = AttemptId{++attempts};
    a.started = now;
    a.repeat = repeat;
    control.on_start(a);
    return a;
  }
  void end(const Attempt& a, Verdict verdict) {
    Outcome outcome;
    outcome.verdict = verdict;
    control.on_end(a, outcome, now);
  }
  void attempt(bool repeat, Verdict verdict) {
    const Attempt a = start(repeat);
    now += 1s;
    end(a, verdict);
  }
  void first_tries(int n, Verdict verdict) {
    for (int i = 0; i < n; ++i) attempt(false, verdict);
  }
  void retries(int n, Verdict verdict) {
    for (int i = 0; i < n; ++i) attempt(true, verdict);
  }
  /// First tries fail until the circuit opens.
  void open() {
    while (control.circuit().state() == Circuit::closed) first_tries(1, Verdict::failure);
  }
  bool on_jobs() const { return control.blames_jobs(); }
  void blame_jobs() {
    open();
    first_tries(3, Verdict::failure);
    REQUIRE(on_jobs());
  }
  /// Jobs of which a share fails, up to two retries each: always the same ones, or as it happens.
  void jobs(int n, double failing, bool same_ones) {
    Random random(3);
    for (int i = 0; i < n && !on_jobs(); ++i) {
      bool fails = random.uniform(0, 1) < failing;
      attempt(false, fails ? Verdict::failure : Verdict::success);
      for (int retry = 0; retry < 2 && fails; ++retry) {
        if (!same_ones) fails = random.uniform(0, 1) < failing;
        attempt(true, fails ? Verdict::failure : Verdict::success);
      }
    }
  }
};

}  // namespace

TEST_CASE("where three probes in a row fail and nothing ever worked it is the jobs") {
  Bench b;
  b.open();
  CHECK_FALSE(b.on_jobs());
  b.first_tries(2, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
  b.first_tries(1, Verdict::failure);
  CHECK(b.on_jobs());
}

TEST_CASE("then the circuit is closed, and no row of plain failures opens it") {
  Bench b;
  b.blame_jobs();
  b.first_tries(100, Verdict::failure);
  CHECK(b.control.circuit().state() == Circuit::closed);
}

TEST_CASE("it is found out within ten seconds") {
  Bench b;
  b.open();
  const TimePoint opened = b.now;
  b.first_tries(3, Verdict::failure);
  CHECK(b.on_jobs());
  CHECK(b.now - opened <= 10s);
}

TEST_CASE("it is not the jobs where one has said overload") {
  Bench b;
  b.first_tries(1, Verdict::overload);
  b.open();
  b.first_tries(100, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("it is not the jobs where a retry has gone through: then the service comes and goes") {
  Bench b;
  b.retries(1, Verdict::success);
  b.open();
  b.first_tries(100, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("where first tries went through before, it takes thirty probes") {
  Bench b;
  b.first_tries(50, Verdict::success);
  b.open();
  b.first_tries(29, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
  b.first_tries(1, Verdict::failure);
  CHECK(b.on_jobs());
}

TEST_CASE("a service that works for a while makes the count of failed probes begin anew") {
  Bench b;
  b.open();
  b.first_tries(2, Verdict::failure);
  b.first_tries(6, Verdict::success);
  b.open();
  b.first_tries(2, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("it is over when 20 first tries in a row succeed, and not at 19") {
  Bench b;
  b.blame_jobs();
  b.first_tries(19, Verdict::success);
  b.first_tries(1, Verdict::failure);
  b.first_tries(19, Verdict::success);
  CHECK(b.on_jobs());
  b.first_tries(1, Verdict::success);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("the twenty are in a row in the order of their start") {
  Bench b;
  b.blame_jobs();
  std::vector<Attempt> before;
  for (int i = 0; i < 20; ++i) before.push_back(b.start());
  b.first_tries(1, Verdict::failure);
  for (const Attempt& a : before) b.end(a, Verdict::success);
  CHECK(b.on_jobs());
  b.first_tries(20, Verdict::success);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("it is over when retries go through as well as first tries do") {
  Bench b;
  b.blame_jobs();
  b.first_tries(10, Verdict::success);
  b.retries(2, Verdict::success);
  CHECK(b.on_jobs());
  b.retries(1, Verdict::success);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("it is over when overload is said, and then never again the jobs") {
  Bench b;
  b.blame_jobs();
  b.first_tries(1, Verdict::overload);
  CHECK_FALSE(b.on_jobs());
  b.open();
  b.first_tries(100, Verdict::failure);
  CHECK_FALSE(b.on_jobs());
}

TEST_CASE("it is the jobs where half of them fail and none of their retries ever succeeds") {
  Bench b;
  b.jobs(100, 0.5, true);
  CHECK(b.on_jobs());
}

TEST_CASE("it is not where retries succeed as easily as first tries") {
  for (const double failing : {0.2, 0.5, 0.8}) {
    CAPTURE(failing);
    Bench b;
    b.jobs(1000, failing, false);
    CHECK_FALSE(b.on_jobs());
  }
}

TEST_CASE("where few jobs fail nobody is blamed, whatever becomes of their retries") {
  Bench b;
  b.jobs(1000, 0.1, true);
  CHECK_FALSE(b.on_jobs());
  // Nor does a limit that is met then make it their fault.
  for (int i = 0; i < 5; ++i) {
    b.first_tries(9, Verdict::failure);
    b.first_tries(1, Verdict::success);
  }
  CHECK_FALSE(b.on_jobs());
}
