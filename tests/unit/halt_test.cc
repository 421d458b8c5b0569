// What ends a run early.
#include "lib/control/halt.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;
using When = HaltRule::When;

namespace {

constexpr TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

void end(Halt& halt, Fate fate, int times = 1) {
  const Job job;
  const Outcome outcome;
  for (int i = 0; i < times; ++i) {
    halt.on_event(event::Ended{job, outcome, 1s, fate, 0}, at(0s));
  }
}

void move(Halt& halt, Duration when, bool open, bool again = false) {
  halt.on_event(event::CircuitMoved{open, again, at(when + 2s), 10}, at(when));
}

}  // namespace

TEST_CASE("a run without a rule is never ended early") {
  Halt halt({});
  end(halt, Fate::failed, 1000);
  move(halt, 1s, true);
  CHECK(halt.due(at(9h)) == When::none);
  CHECK(halt.next() == never);
  CHECK(halt.why().empty());
}

TEST_CASE("so many failed jobs end the run, and retries do not count") {
  Halt halt({{When::soon, 2, 0}, false, {}});
  end(halt, Fate::retry, 5);
  end(halt, Fate::not_done, 5);
  end(halt, Fate::done, 5);
  end(halt, Fate::failed);
  CHECK(halt.due(at(0s)) == When::none);
  end(halt, Fate::failed);
  CHECK(halt.due(at(0s)) == When::soon);
  end(halt, Fate::failed);
  CHECK(halt.reason() == Halt::Reason::failures);
  CHECK(halt.why() == "2 jobs failed");
}

TEST_CASE("percents are of the jobs completed so far, once three have failed") {
  Halt halt({{When::now, 0, 10}, false, {}});
  end(halt, Fate::failed, 2);
  CHECK(halt.due(at(0s)) == When::none);
  end(halt, Fate::done, 28);
  end(halt, Fate::failed);
  CHECK(halt.due(at(0s)) == When::none);  // 3 of 31
  end(halt, Fate::done, 5);
  end(halt, Fate::failed);
  CHECK(halt.due(at(0s)) == When::now);  // 4 of 37
  CHECK(halt.why() == "4 jobs of 37 completed failed");
}

TEST_CASE("the opening of the circuit ends the run where that was asked for") {
  Halt halt({{}, true, {}});
  CHECK(halt.due(at(0s)) == When::none);
  move(halt, 1s, true);
  CHECK(halt.due(at(1s)) == When::soon);
  CHECK(halt.reason() == Halt::Reason::circuit_opened);
}

TEST_CASE("a circuit that stays open for too long ends the run, failed probes or not") {
  Halt halt({{}, false, 30s});
  CHECK(halt.next() == never);
  move(halt, 10s, true);
  CHECK(halt.next() == at(40s));
  move(halt, 25s, true, true);
  CHECK(halt.next() == at(40s));
  CHECK(halt.due(at(40s) - 1ns) == When::none);
  CHECK(halt.due(at(40s)) == When::soon);
  CHECK(halt.reason() == Halt::Reason::circuit_stays_open);
  CHECK(halt.why() == "the circuit was open for 30s");
  CHECK(halt.next() == never);
}

TEST_CASE("a circuit that closes in time starts anew when it opens again") {
  Halt halt({{}, false, 30s});
  move(halt, 0s, true);
  move(halt, 29s, false);
  CHECK(halt.next() == never);
  CHECK(halt.due(at(60s)) == When::none);
  move(halt, 100s, true);
  CHECK(halt.next() == at(130s));
}

TEST_CASE("the first reason is the one that is told, and the hardest way the one that is taken") {
  Halt halt({{When::now, 1, 0}, true, {}});
  move(halt, 1s, true);
  end(halt, Fate::failed);
  CHECK(halt.due(at(2s)) == When::now);
  CHECK(halt.reason() == Halt::Reason::circuit_opened);
}

TEST_CASE("a record that cannot be written ends the run, whatever else has") {
  Halt halt({{}, false, {}});
  CHECK(halt.lost_record().empty());
  halt.lose_record("--joblog x cannot be written");
  halt.lose_record("another cannot");
  CHECK(halt.due(at(0s)) == HaltRule::When::soon);
  CHECK(halt.why() == "--joblog x cannot be written");
  CHECK(halt.lost_record() == "--joblog x cannot be written");
}
