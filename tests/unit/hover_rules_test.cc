// The rules of hover that stand between its parts, one by one.
#include "lib/control/hover/hover.h"

#include <deque>

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

constexpr CircuitMove opened{Circuit::closed, Circuit::open};
constexpr CircuitMove closed{Circuit::half_open, Circuit::closed};

/// A law, and the attempts that it is told of, each of a new job unless said otherwise.
struct Bench {
  Hover law;
  TimePoint now = at(100s);
  std::uint64_t attempts = 0;
  int running = 0;

  explicit Bench(int initial, int most = 64, int max_attempts = 3)
      : law({1, initial, most, {}, 30s}, {max_attempts, 1s}, 1) {}

  Attempt start(std::uint64_t job = 0) {
    Attempt a;
    a.id = AttemptId{++attempts};
    a.repeat = job > 0;
    a.job = JobId{job > 0 ? job : 1000 + attempts};
    a.started = now;
    a.in_flight = ++running;
    law.on_start(a);
    return a;
  }
  std::vector<Attempt> start_all() {
    std::vector<Attempt> all;
    while (running < law.limit()) all.push_back(start());
    return all;
  }
  Ruling end(const Attempt& a, Verdict verdict, CircuitMove circuit = {},
             std::optional<Duration> retry_after = {}) {
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.retry_after = retry_after;
    --running;
    return law.on_end(a, outcome, circuit, now);
  }
  Ruling time_out(const Attempt& a, CircuitMove circuit = {}) {
    Outcome outcome;
    outcome.verdict = Verdict::failure;
    outcome.timed_out = true;
    --running;
    return law.on_end(a, outcome, circuit, now);
  }
  void succeed(const Attempt& a) { end(a, Verdict::success); }
  Ruling fail(const Attempt& a) { return end(a, Verdict::failure); }
  Ruling refuse(const Attempt& a) { return end(a, Verdict::overload); }
  /// Fills the slots; all of them succeed a second later. `n` times.
  void rounds(int n) {
    for (int i = 0; i < n; ++i) {
      const auto all = start_all();
      now += 1s;
      for (const Attempt& a : all) succeed(a);
    }
  }
  /// The slots are always full, and `n` attempts succeed one after the other.
  void keep_full(int n) {
    std::deque<Attempt> all;
    for (; n > 0; --n) {
      while (running < law.limit()) all.push_back(start());
      now += 1s / law.limit();
      succeed(all.front());
      all.pop_front();
    }
    for (const Attempt& a : all) law.forget(a);
    running = 0;
  }
  bool has_rate() const { return law.rate() < hover::Knob::unlimited; }
};

}  // namespace

TEST_CASE("slots grow by one for each success of an attempt that filled them, up to max") {
  Bench b(2, 4);
  for (const int limit : {3, 4, 4, 4}) {
    const int before = b.law.limit();
    const auto all = b.start_all();
    b.succeed(all.front());
    CHECK(b.law.limit() == before);
    b.succeed(all.back());
    CHECK(b.law.limit() == limit);
    for (std::size_t i = 1; i + 1 < all.size(); ++i) b.succeed(all[i]);
  }
}

TEST_CASE("overload that is said cuts at once, to just under what was alive") {
  Bench b(16);
  const auto all = b.start_all();
  const Ruling ruling = b.refuse(all[7]);
  REQUIRE(ruling.moved);
  CHECK(ruling.moved->kind == event::Adjusted::Kind::cut);
  CHECK(ruling.moved->limit_before == 16);
  CHECK(b.law.limit() == 15);
  CHECK_FALSE(b.has_rate());
}

TEST_CASE("a cut of the slots never goes below half") {
  Bench b(16);
  const auto all = b.start_all();
  for (std::size_t i = 0; i < 14; ++i) {
    b.law.forget(all[i]);
    --b.running;
  }
  b.refuse(all[14]);
  CHECK(b.law.limit() == 8);
}

TEST_CASE("four plain failures are overload, three are not") {
  Bench b(16);
  const auto all = b.start_all();
  for (std::size_t i = 0; i < 3; ++i) CHECK_FALSE(b.fail(all[i]).moved);
  CHECK(b.fail(all[3]).moved);
  CHECK(b.law.limit() < 16);
}

TEST_CASE("one cut a generation: attempts that started before it count for nothing") {
  Bench b(16);
  const auto all = b.start_all();
  b.refuse(all[0]);
  const int limit = b.law.limit();
  for (std::size_t i = 1; i < 8; ++i) CHECK_FALSE(b.refuse(all[i]).moved);
  for (std::size_t i = 8; i < 12; ++i) b.fail(all[i]);
  b.now += 1h;
  for (std::size_t i = 12; i < 16; ++i) b.succeed(all[i]);
  CHECK(b.law.limit() == limit);
}

TEST_CASE("a job that fails again and again is no overload, once retries are seen not to help") {
  Bench b(16);
  Attempt last;
  for (int i = 0; i < 13; ++i) {
    b.rounds(1);
    last = b.start();
    b.fail(last);
    b.rounds(1);
    b.fail(b.start(number(last.job)));
  }
  const int limit = b.law.limit();
  for (int i = 0; i < 40; ++i) CHECK_FALSE(b.fail(b.start(number(last.job))).moved);
  CHECK(b.law.limit() == limit);
}

TEST_CASE("a cut is taken back where it was the jobs: those that caused it fail again") {
  Bench b(16);
  b.rounds(3);
  const int limit = b.law.limit();
  const auto all = b.start_all();
  for (std::size_t i = 0; i < 4; ++i) b.fail(all[i]);
  REQUIRE((b.law.limit() < limit || b.has_rate()));
  for (std::size_t i = 4; i < all.size(); ++i) b.succeed(all[i]);
  b.now += 1s;
  for (std::size_t i = 0; i < 2; ++i) b.fail(b.start(number(all[i].job)));
  CHECK(b.law.limit() == limit);
  CHECK_FALSE(b.has_rate());
}

TEST_CASE("once overload has been said a plain failure is just a failure") {
  Bench b(16);
  b.rounds(3);
  b.refuse(b.start());
  b.rounds(1);
  const int limit = b.law.limit();
  for (int i = 0; i < 9; ++i) CHECK_FALSE(b.fail(b.start()).moved);
  CHECK(b.law.limit() == limit);
}

TEST_CASE("Retry-After means the rate, at any number in flight, and it is what was accepted") {
  Bench b(16);
  for (int i = 0; i < 30; ++i) {
    b.now += 100ms;
    b.succeed(b.start());
  }
  Attempt last;
  for (int i = 0; i < 4; ++i) {
    b.now += 100ms;
    last = b.start();
  }
  const int limit = b.law.limit();
  CHECK_FALSE(b.has_rate());
  b.end(last, Verdict::overload, {}, 3s);
  CHECK(b.law.limit() == limit);
  REQUIRE(b.has_rate());
  CHECK(b.law.rate() == Approx(10).epsilon(0.1));
  Bench without(16);
  without.rounds(1);
  without.refuse(without.start_all().back());
  CHECK_FALSE(without.has_rate());
}

TEST_CASE("with one slot only the rate can be guilty") {
  Bench b(1);
  b.refuse(b.start());
  CHECK(b.law.limit() == 1);
  CHECK(b.has_rate());
}

TEST_CASE("a cut of the rate never goes below half") {
  Bench b(16);
  for (int i = 0; i < 30; ++i) {
    b.now += 100ms;
    b.succeed(b.start());
  }
  b.end(b.start(), Verdict::overload, {}, 1s);
  const double rate = b.law.rate();
  b.now += 1s;
  for (int i = 0; i < 5; ++i) b.end(b.start(), Verdict::overload, {}, 1s);
  CHECK(b.law.rate() >= 0.48 * rate);
  CHECK(b.law.rate() < rate);
}

TEST_CASE("starts by the rate are told apart by their gate and come no faster") {
  Bench b(16);
  for (int i = 0; i < 30; ++i) {
    b.now += 100ms;
    b.succeed(b.start());
  }
  b.end(b.start(), Verdict::overload, {}, 1s);
  b.now += 5s;
  int starts = 0;
  for (const TimePoint end = b.now + 10s; b.now < end; ++starts) {
    const Admission next = b.law.next_start(b.now, b.running);
    if (next.at > b.now) {
      CHECK(next.gate == Gate::interval);
      b.now = next.at;
    }
    b.law.forget(b.start());
    --b.running;
  }
  CHECK(starts == Approx(10 * b.law.rate()).margin(2));
}

TEST_CASE("failures that come late mean the slots, and halve them") {
  Bench b(16);
  b.rounds(2);
  const auto all = b.start_all();
  const int limit = b.law.limit();
  b.now += 30s;
  for (std::size_t i = 0; i < 4; ++i) b.time_out(all[i]);
  CHECK(b.law.limit() == Approx(limit / 2).margin(1));
  CHECK_FALSE(b.has_rate());
}

TEST_CASE("time-outs that open the circuit halve the slots, quick refusals leave them") {
  for (const bool late : {true, false}) {
    CAPTURE(late);
    Bench b(16);
    b.rounds(1);
    const int limit = b.law.limit();
    const auto all = b.start_all();
    b.now += late ? 30s : 100ms;
    for (std::size_t i = 0; i < 4; ++i) {
      const CircuitMove move = i == 3 ? opened : CircuitMove{};
      late ? b.time_out(all[i], move) : b.end(all[i], Verdict::failure, move);
    }
    CHECK(b.law.limit() == Approx(late ? limit / 2 : limit).margin(1));
  }
}

TEST_CASE("a circuit that closes begins with two slots, and its ceilings are kept") {
  Bench b(16);
  const auto all = b.start_all();
  b.refuse(all[0]);
  REQUIRE(b.law.limit() == 15);
  b.end(all[1], Verdict::failure, opened);
  for (std::size_t i = 2; i < 16; ++i) {
    b.end(all[i], Verdict::failure, {Circuit::open, Circuit::open});
  }
  b.now += 2s;
  const Attempt probe = b.start();
  const Ruling ruling = b.end(probe, Verdict::success, closed);
  CHECK(b.law.limit() == 2);
  if (ruling.moved) CHECK(ruling.moved->kind != event::Adjusted::Kind::cut);
  b.keep_full(40);
  CHECK(b.law.limit() == 15);
}

TEST_CASE("under suspicion a quick failure keeps its slot for as long as a success takes") {
  Bench b(4, 4);
  b.rounds(5);
  b.now += 10s;
  const auto all = b.start_all();
  b.now += 1ms;
  b.fail(all[0]);
  b.fail(all[1]);
  const Admission next = b.law.next_start(b.now, 3);
  CHECK(next.gate == Gate::slots);
  CHECK(next.at == all[0].started + 1s);
  CHECK(b.law.next_start(b.now + 999ms, 3).gate == Gate::interval);
}

TEST_CASE("without suspicion a failure gives its slot back at once") {
  Bench b(4, 4);
  b.rounds(5);
  b.now += 10s;
  const auto all = b.start_all();
  b.now += 1s;
  b.fail(all[0]);
  CHECK(b.law.next_start(b.now, 3).at <= b.now);
}

TEST_CASE("starts are spread: at most four times the slots in the time that one takes") {
  Bench b(5, 5);
  b.rounds(5);
  b.start();
  const Admission next = b.law.next_start(b.now, 1);
  CHECK(next.gate == Gate::interval);
  CHECK(next.at == b.now + 50ms);
}

TEST_CASE("overload that is said is the service's, and its retry comes within half a base delay") {
  Bench b(4);
  const Ruling ruling = b.refuse(b.start());
  CHECK(ruling.account == Account::service);
  CHECK_FALSE(ruling.give_up);
  REQUIRE(ruling.delay);
  CHECK(*ruling.delay <= 500ms);
  CHECK(b.end(b.start(), Verdict::overload, {}, 7s).delay == 7s);
}

TEST_CASE("with one attempt allowed a plain failure ends the job, and overload does not") {
  Bench b(4, 64, 1);
  CHECK_FALSE(b.refuse(b.start()).give_up);
  Bench away(4, 64, 1);
  for (int i = 0; i < 30; ++i) CHECK(away.fail(away.start()).give_up);
}

TEST_CASE("a job is given up after three failures where others get through") {
  Bench b(8);
  b.rounds(3);
  std::uint64_t job = 0;
  for (int i = 1; i <= 3; ++i) {
    const Attempt a = b.start(job);
    job = number(a.job);
    b.now += 1s;
    const Ruling ruling = b.fail(a);
    CHECK(ruling.give_up == (i == 3));
    CHECK(ruling.account == Account::job);
    b.rounds(1);
  }
}

TEST_CASE("a failure while the circuit is not closed is the service's") {
  Bench b(8);
  b.rounds(3);
  const auto all = b.start_all();
  b.end(all[0], Verdict::failure, opened);
  const Ruling straggler = b.end(all[1], Verdict::failure, {Circuit::open, Circuit::open});
  CHECK(straggler.account == Account::service);
  CHECK_FALSE(straggler.give_up);
}

TEST_CASE("in trouble about every other attempt is to be a job not tried yet") {
  Bench b(8);
  b.rounds(3);
  const auto untried = [&b] {
    int n = 0;
    for (int i = 0; i < 100; ++i) {
      n += b.law.wants_untried() ? 1 : 0;
      b.law.forget(b.start());
      --b.running;
    }
    return n;
  };
  CHECK(untried() == 0);
  b.fail(b.start());
  const int n = untried();
  CHECK(n > 30);
  CHECK(n < 70);
}

TEST_CASE("what the jobs did themselves is forgotten: the slots are as free as at the start") {
  Bench b(16);
  const auto all = b.start_all();
  for (std::size_t i = 0; i < 4; ++i) b.time_out(all[i]);
  REQUIRE(b.law.limit() < 16);
  b.law.start_over();
  CHECK(b.law.limit() == 16);
  CHECK_FALSE(b.has_rate());
}

TEST_CASE("the least interval lies between each two starts, late ones too") {
  Hover law({1, 4, 4, 1s, 30s}, {}, 1);
  TimePoint now = at(100s);
  CHECK(law.next_start(now, 0).at <= now);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    Attempt a;
    a.id = AttemptId{i};
    a.job = JobId{i};
    a.started = now;
    a.in_flight = 1;
    law.on_start(a);
    law.forget(a);
    CHECK(law.next_start(now, 0).at >= now + 1s);
    now = law.next_start(now, 0).at + (i == 2 ? 700ms : 0ms);
  }
}

TEST_CASE("an attempt that is no evidence changes nothing") {
  Bench b(4);
  const auto all = b.start_all();
  for (const Attempt& a : all) b.law.forget(a);
  b.running = 0;
  CHECK(b.law.limit() == 4);
  CHECK_FALSE(b.has_rate());
  CHECK(b.law.next_start(b.now, 0).at <= b.now);
}
