// The circuit: what opens it, what its probes do, and what leaves it alone.
#include "lib/control/circuit_breaker.h"

#include <tuple>

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

struct Bench {
  CircuitBreaker circuit;
  std::uint64_t attempts = 0;
  TimePoint now = at(100s);

  explicit Bench(const CircuitBreaker::Settings& settings = {}) : circuit(settings) {}

  Attempt start(bool repeat = false) {
    Attempt a;
    a.id = AttemptId{++attempts};
    a.started = now;
    a.repeat = repeat;
    circuit.on_start(a);
    return a;
  }
  std::vector<Attempt> start(int n) {
    std::vector<Attempt> all;
    for (int i = 0; i < n; ++i) all.push_back(start());
    return all;
  }
  CircuitMove end(const Attempt& a, Verdict verdict, std::optional<Duration> retry_after = {}) {
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.retry_after = retry_after;
    return circuit.on_end(a, outcome, now);
  }
  CircuitMove fail(const Attempt& a) { return end(a, Verdict::failure); }
  CircuitMove succeed(const Attempt& a) { return end(a, Verdict::success); }
  /// First tries that fail one after the other; what the last of them did.
  CircuitMove fail(int n) {
    CircuitMove move;
    for (int i = 0; i < n; ++i) move = fail(start());
    return move;
  }
  bool is_open() const { return circuit.state() == Circuit::open; }
  /// Opens it, and waits until a probe may go.
  void half_open() {
    fail(10);
    REQUIRE(is_open());
    now = circuit.open_until();
    REQUIRE(may_start());
  }
  bool may_start() { return circuit.next_start(now).at <= now; }
};

}  // namespace

TEST_CASE("ten first tries that fail in a row open the circuit for two seconds, nine do not") {
  Bench b;
  b.fail(9);
  CHECK(b.circuit.state() == Circuit::closed);
  CHECK(b.may_start());
  CHECK(b.fail(1).opened());
  CHECK(b.circuit.opened() == b.now);
  CHECK(b.circuit.failures() == 10);
  CHECK(b.circuit.next_start(b.now).at == b.now + 2s);
  CHECK(b.circuit.next_start(b.now).gate == Gate::circuit);
  CHECK(b.circuit.next_start(b.now + 2s - 1ns).at == b.now + 2s);
}

TEST_CASE("a success ends the row") {
  Bench b;
  b.fail(9);
  b.succeed(b.start());
  b.fail(9);
  CHECK_FALSE(b.is_open());
  b.fail(1);
  CHECK(b.is_open());
}

TEST_CASE("the row is in the order of start: a success that started before it does not end it") {
  Bench b;
  const Attempt slow = b.start();
  b.fail(9);
  b.succeed(slow);
  b.fail(1);
  CHECK(b.is_open());
}

TEST_CASE("... and one that started within it does, though it ended last") {
  Bench b;
  b.fail(5);
  const Attempt slow = b.start();
  b.fail(4);
  b.succeed(slow);
  b.fail(1);
  CHECK_FALSE(b.is_open());
}

TEST_CASE("while more than a third of the row is unknown judgement is suspended") {
  Bench b;
  const Attempt first = b.start();
  const auto unknown = b.start(4);
  b.fail(first);
  b.fail(10);
  CHECK_FALSE(b.is_open());  // 11 have failed, 4 are still out
  b.fail(1);
  CHECK(b.is_open());
}

TEST_CASE("... and one of them that ends well ends the row") {
  Bench b;
  const Attempt first = b.start();
  const auto unknown = b.start(4);
  b.fail(first);
  b.fail(9);
  b.succeed(unknown[0]);
  b.fail(2);
  CHECK_FALSE(b.is_open());
}

TEST_CASE("attempts that started after the row are not unknown in it") {
  Bench b;
  const auto row = b.start(10);
  b.start(100);
  for (const Attempt& a : row) b.fail(a);
  CHECK(b.is_open());
}

TEST_CASE("retries that usually fail neither make the row longer nor end it") {
  Bench b;
  b.fail(9);
  for (int i = 0; i < 20; ++i) b.fail(b.start(true));
  CHECK_FALSE(b.is_open());
  b.fail(1);
  CHECK(b.is_open());
}

TEST_CASE("retries that usually go through make the row longer when they fail") {
  Bench b;
  for (int i = 0; i < 20; ++i) b.succeed(b.start(true));
  for (int i = 0; i < 5; ++i) b.succeed(b.start());
  b.fail(1);
  for (int i = 0; i < 8; ++i) b.fail(b.start(true));
  CHECK_FALSE(b.is_open());
  b.fail(b.start(true));
  CHECK(b.is_open());
}

TEST_CASE("overload that was said counts at every attempt, but with Retry-After the pause does") {
  Bench b;
  for (int i = 0; i < 10; ++i) b.end(b.start(true), Verdict::overload);
  CHECK(b.is_open());
  Bench told;
  for (int i = 0; i < 30; ++i) told.end(told.start(true), Verdict::overload, 1s);
  CHECK_FALSE(told.is_open());
}

TEST_CASE("where half of all first tries fail anyway it takes a longer row, but some row does") {
  for (const auto& [failing, not_enough, enough] : {std::tuple{2, 15, 60}, std::tuple{20, 9, 10}}) {
    CAPTURE(failing);
    Bench b;
    for (int i = 1; i <= 200; ++i) {
      const Attempt a = b.start();
      i % failing == 1 ? b.fail(a) : b.succeed(a);
    }
    b.fail(not_enough);
    CHECK_FALSE(b.is_open());
    b.fail(enough - not_enough);
    CHECK(b.is_open());
  }
}

TEST_CASE("one probe goes when the time is over, and no other before it has ended") {
  Bench b;
  b.half_open();
  CHECK(b.circuit.state() == Circuit::half_open);
  b.start();
  CHECK(b.circuit.next_start(b.now + 1h).at == never);
}

TEST_CASE("as many probes as allowed go at once") {
  Bench b({.half_open_max_calls = 3});
  b.half_open();
  for (int i = 0; i < 3; ++i) {
    CHECK(b.may_start());
    b.start();
  }
  CHECK_FALSE(b.may_start());
}

TEST_CASE("a probe that succeeds closes the circuit, and the next row is counted from nothing") {
  Bench b;
  b.half_open();
  CHECK(b.succeed(b.start()).closed());
  CHECK(b.may_start());
  b.fail(9);
  CHECK_FALSE(b.is_open());
  b.fail(1);
  CHECK(b.is_open());
}

TEST_CASE("each probe that fails doubles the time, to at most five times") {
  Bench b;
  b.half_open();
  for (const Duration time : {4s, 8s, 10s, 10s}) {
    CHECK(b.fail(b.start()).reopened());
    CHECK(b.circuit.open_until() == b.now + time);
    b.now = b.circuit.open_until();
    CHECK(b.may_start());
  }
}

TEST_CASE("a circuit that opens anew begins with the first time again") {
  Bench b;
  b.half_open();
  b.fail(b.start());
  b.now = b.circuit.open_until();
  REQUIRE(b.may_start());
  b.succeed(b.start());
  b.fail(10);
  CHECK(b.circuit.open_until() == b.now + 2s);
}

TEST_CASE("stragglers neither extend nor close an open circuit") {
  Bench b;
  const auto before = b.start(20);
  for (std::size_t i = 0; i < 10; ++i) b.fail(before[i]);
  REQUIRE(b.is_open());
  const TimePoint until = b.circuit.open_until();
  b.now += 1s;
  b.fail(before[10]);
  b.succeed(before[11]);
  CHECK(b.is_open());
  CHECK(b.circuit.open_until() == until);
}

TEST_CASE("stragglers do not speak for a probe") {
  Bench b;
  const auto before = b.start(20);
  for (std::size_t i = 0; i < 10; ++i) b.fail(before[i]);
  b.now = b.circuit.open_until();
  REQUIRE(b.may_start());
  const Attempt probe = b.start();
  b.fail(before[10]);
  b.succeed(before[11]);
  CHECK(b.circuit.state() == Circuit::half_open);
  CHECK_FALSE(b.may_start());
  CHECK(b.succeed(probe).closed());
}

TEST_CASE("a probe that ends as no evidence makes room for another one at once") {
  Bench b;
  b.half_open();
  b.circuit.forget(b.start());
  CHECK(b.circuit.state() == Circuit::half_open);
  CHECK(b.may_start());
  CHECK(b.succeed(b.start()).closed());
}

TEST_CASE("a probe whose job is a retry settles the circuit as well") {
  Bench b;
  b.half_open();
  CHECK(b.fail(b.start(true)).reopened());
  b.now = b.circuit.open_until();
  REQUIRE(b.may_start());
  CHECK(b.succeed(b.start(true)).closed());
}

TEST_CASE("the probes of one opening say nothing in the next") {
  Bench b({.half_open_max_calls = 2});
  b.half_open();
  const Attempt first = b.start();
  const Attempt second = b.start();
  b.fail(first);
  const TimePoint until = b.circuit.open_until();
  b.succeed(second);
  CHECK(b.is_open());
  CHECK(b.circuit.open_until() == until);
}

TEST_CASE("with no number of failures given it never opens") {
  Bench b({.consecutive_failures = 0});
  b.fail(1000);
  CHECK_FALSE(b.is_open());
}

TEST_CASE("jobs are refused only while it is open, and only where that was asked for") {
  Bench b({.refuses = true});
  CHECK_FALSE(b.circuit.refuses());
  b.fail(10);
  CHECK(b.circuit.refuses());
  b.now = b.circuit.open_until();
  REQUIRE(b.may_start());
  CHECK_FALSE(b.circuit.refuses());
  Bench waits;
  waits.fail(10);
  CHECK_FALSE(waits.circuit.refuses());
}

TEST_CASE("the time when it opened is that of the opening, not of the probes that failed") {
  Bench b;
  b.half_open();
  const TimePoint opened = b.circuit.opened();
  b.fail(b.start());
  CHECK(b.circuit.opened() == opened);
}
