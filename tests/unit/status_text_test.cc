// A run's state in words, as there is room.
#include "cli/status_text.h"

#include "lib/core/text.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

RunState running() {
  RunState state;
  state.succeeded = 390;
  state.failed = 10;
  state.retrying = 3;
  state.total = 1000;
  state.running = 12;
  state.limit = 16;
  state.rate = 38.2;
  state.eta = Eta{31s, 4s};
  return state;
}

std::string line(const RunState& state, std::size_t width) {
  return status_line(state, width, {});
}

}  // namespace

TEST_CASE("a log has all of it") {
  RunState state = running();
  CHECK(describe(state) ==
        "40% 400/1000 · 390 ok 10 failed 3 retrying · 12 running, limit 16 · 38.2/s · 31s left");
  state.eta->spread = 10s;
  CHECK(describe(state) ==
        "40% 400/1000 · 390 ok 10 failed 3 retrying · 12 running, limit 16 · 38.2/s · 31s left "
        "(±10s)");
  CHECK(describe(RunState{}) == "0 done · 0 ok · 0 running, limit 1");
}

TEST_CASE("a line of 40 columns has what is done and the time left") {
  CHECK(line(running(), 39) == "40% 400/1000 · 10 failed · 31s left");
}

TEST_CASE("a line of 80 columns has a bar, too") {
  CHECK(line(running(), 79) ==
        "████░░░░░░ 40% 400/1000 · 10 failed · 12/16 running · 38.2/s · 31s left ±4.0s");
  RunState quiet = running();
  quiet.failed = quiet.retrying = 0;
  quiet.succeeded = 400;
  CHECK(line(quiet, 79) ==
        "█████▏░░░░░░░ 40% 400/1000 · 400 ok · 12/16 running · 38.2/s · 31s left ±4.0s");
}

TEST_CASE("a line of 200 columns has all of it, and a wider bar") {
  CHECK(line(running(), 199) ==
        "████████████████░░░░░░░░░░░░░░░░░░░░░░░░ 40% 400/1000 · 390 ok 10 failed 3 retrying · "
        "12/16 running · 38.2/s · 31s left ±4.0s");
}

TEST_CASE("no line is wider than there is room, and the least room has what is done") {
  RunState state = running();
  state.gate = Gate::budget;
  state.opens_in = 12s;
  for (std::size_t width = 0; width <= 220; ++width) {
    CHECK(columns(line(state, width)) <= width);
    CHECK(columns(status_line(state, width, {false, false})) <= width);
  }
  CHECK(line(state, 12) == "40% 400/1000");
  CHECK(line(state, 8) == "40% 400…");
  CHECK(line(state, 34) == "40% 400/1000 · waiting: budget 12s");
}

TEST_CASE("the time left goes before short waits, and after long ones") {
  RunState state = running();
  state.gate = Gate::interval;
  state.opens_in = 300ms;
  CHECK(line(state, 39) == "40% 400/1000 · 10 failed · 31s left");
  state.opens_in = 12s;
  CHECK(line(state, 39) == "40% 400/1000 · waiting: interval 12s");
}

TEST_CASE("what the next start waits for is told, but for the limit, with the time that is left") {
  RunState state;
  CHECK(waiting_text(state).empty());
  state.gate = Gate::slots;
  CHECK(waiting_text(state).empty());
  state.gate = Gate::rate;
  state.opens_in = 400ms;
  CHECK(waiting_text(state) == "waiting: rate 0.4s");
  state.opens_in = 20ms;
  CHECK(waiting_text(state) == "waiting: rate");
  state.gate = Gate::input;
  state.opens_in = RunState::forever;
  CHECK(waiting_text(state) == "waiting: input");
  state.gate = Gate::circuit;
  state.circuit_open = true;
  state.opens_in = state.circuit_left = 12s;
  CHECK(waiting_text(state) == "circuit open 12s");
  state.circuit_open = false;
  state.opens_in = RunState::forever;
  CHECK(waiting_text(state) == "circuit: trying one job");
  state.paused = true;
  state.pause_left = 30s;
  CHECK(waiting_text(state) == "paused 30s");
  state.pause_left = RunState::forever;
  CHECK(waiting_text(state) == "paused");
  state.phase = RunState::Phase::draining;
  CHECK(waiting_text(state) == "draining");
}

TEST_CASE("no time left is told where nobody knows when the run goes on, or if it does") {
  RunState state = running();
  state.paused = true;
  state.pause_left = 30s;
  CHECK(line(state, 60).find("left") != std::string::npos);
  state.pause_left = RunState::forever;
  CHECK(line(state, 60).find("left") == std::string::npos);
  state.paused = false;
  state.pause_left = {};
  state.phase = RunState::Phase::draining;
  CHECK(line(state, 60).find("left") == std::string::npos);
  CHECK(describe(state).find("left") == std::string::npos);
}

TEST_CASE("in a log a rate that is kept is not told as a wait") {
  RunState state = running();
  state.gate = Gate::rate;
  state.opens_in = 3s;
  CHECK(describe(state).find("waiting") == std::string::npos);
  state.gate = Gate::budget;
  CHECK(describe(state).find("waiting: budget 3.0s") != std::string::npos);
}

TEST_CASE("without Unicode the line is ASCII") {
  const std::string text = status_line(running(), 120, {false, false});
  CHECK(text ==
        "[##########----------------] 40% 400/1000 | 390 ok 10 failed 3 retrying | 12/16 running | "
        "38.2/s | "
        "31s left +-4.0s");
}

TEST_CASE("colour takes no room") {
  const std::string text = status_line(running(), 79, {true, true});
  CHECK(text.find("\x1b[31m10 failed\x1b[0m") != std::string::npos);
  CHECK(text.find("31s left") != std::string::npos);
}

TEST_CASE("without a total there is no bar, and more done than was told is no more than all") {
  RunState state = running();
  state.total.reset();
  state.eta.reset();
  CHECK(line(state, 79) == "400 done · 390 ok 10 failed 3 retrying · 12/16 running · 38.2/s");
  state.total = 300;
  CHECK(line(state, 30) == "100% 400/300 · 10 failed");
}
