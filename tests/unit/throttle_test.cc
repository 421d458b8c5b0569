// A throttle and the threads that use it. They wait for each other and for what the throttle says,
// never for time to pass.
#include "lib/throttle/throttle.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "lib/control/fixed.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

struct Limits {
  int slots = 1;
  CircuitBreaker::Settings circuit = {0, 1h, 1, false};
  std::optional<Pacer::Settings> rate = {};
  std::optional<Rate> budget = {};
};

Throttle make(const Limits& limits) {
  Bounds bounds;
  bounds.max_concurrency = bounds.initial_concurrency = limits.slots;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds, 0, 1);
  gates.circuit = limits.circuit;
  if (limits.rate) gates.pacer.emplace(*limits.rate);
  if (limits.budget) gates.budget.emplace(*limits.budget);
  return Throttle(Controller(std::move(gates)));
}

void wait_until_waiting(const Throttle& throttle, int count) {
  while (throttle.snapshot().waiting != count) std::this_thread::yield();
}

std::optional<Throttle::Slot> now_or_never(Throttle& throttle, Cost weight = 1) {
  return throttle.try_acquire({weight, 0s, {}});
}

void fail_once(Throttle& throttle) {
  throttle.acquire().failed();
}

}  // namespace

TEST_CASE("no more calls run at once than the limit, and all of them run") {
  constexpr int limit = 3;
  constexpr int threads = 8;
  constexpr int calls = 200;
  Throttle throttle = make({.slots = limit});
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t) {
      pool.emplace_back([&] {
        for (int i = 0; i < calls; ++i) {
          const Throttle::Slot slot = throttle.acquire();
          const int now = ++running;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --running;
        }
      });
    }
  }
  CHECK(most <= limit);
  const Throttle::Snapshot s = throttle.snapshot();
  CHECK(s.started == threads * calls);
  CHECK(s.succeeded == threads * calls);
  CHECK(s.in_flight == 0);
  CHECK(s.waiting == 0);
  CHECK(s.limit == limit);
  CHECK(s.rate > 0);
}

TEST_CASE("who came first is let through first") {
  Throttle throttle = make({});
  std::optional<Throttle::Slot> slot = throttle.acquire();
  std::vector<int> order;  // guarded by the one slot
  std::vector<std::jthread> pool;
  for (int i = 0; i < 5; ++i) {
    pool.emplace_back([&, i] {
      const Throttle::Slot own = throttle.acquire();
      order.push_back(i);
    });
    wait_until_waiting(throttle, i + 1);
  }
  CHECK(throttle.snapshot().gate == Gate::slots);
  slot.reset();
  pool.clear();
  CHECK(order == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("a slot that is moved is given back once, and one that was released at once") {
  Throttle throttle = make({});
  Throttle::Slot one = throttle.acquire();
  Throttle::Slot other = std::move(one);
  one.release();  // NOLINT(bugprone-use-after-move): it is empty
  CHECK(throttle.snapshot().in_flight == 1);
  CHECK_FALSE(now_or_never(throttle));
  other.release();
  CHECK_FALSE(other);
  other = throttle.acquire();
  other = Throttle::Slot();
  CHECK(throttle.snapshot().in_flight == 0);
  CHECK(throttle.snapshot().started == 2);
  CHECK(throttle.snapshot().gave_up == 1);
}

TEST_CASE("who has no more time, or is told to stop, leaves the line to those behind") {
  Throttle throttle = make({});
  std::optional<Throttle::Slot> slot = throttle.acquire();
  std::atomic<bool> left = false;
  std::jthread first([&](const std::stop_token& stop) {
    left = !throttle.try_acquire({{}, {}, stop}).has_value();
  });
  wait_until_waiting(throttle, 1);
  std::jthread second([&] { throttle.acquire(); });
  wait_until_waiting(throttle, 2);
  CHECK_FALSE(throttle.try_acquire({{}, 1ms, {}}));
  first.request_stop();
  first.join();
  CHECK(left);
  slot.reset();
  second.join();
  CHECK(throttle.snapshot().succeeded == 2);
  CHECK(throttle.snapshot().gave_up == 2);
  std::stop_source stopped;
  stopped.request_stop();
  slot = throttle.acquire();
  CHECK_FALSE(throttle.try_acquire({{}, {}, stopped.get_token()}));
}

TEST_CASE("to close it wakes all who wait, and lets nobody in") {
  Throttle throttle = make({});
  Throttle::Slot slot = throttle.acquire();
  std::atomic<int> woken = 0;
  std::vector<std::jthread> pool;
  for (int i = 0; i < 3; ++i) {
    pool.emplace_back([&] {
      try {
        throttle.acquire();
      } catch (const ThrottleClosed&) {
        ++woken;
      }
    });
  }
  wait_until_waiting(throttle, 3);
  throttle.close();
  throttle.close();
  pool.clear();
  CHECK(woken == 3);
  CHECK_THROWS_AS(throttle.acquire(), ThrottleClosed);
  CHECK_THROWS_AS(now_or_never(throttle), ThrottleClosed);
  CHECK(throttle.snapshot().phase == Throttle::Phase::closed);
  CHECK(throttle.snapshot().in_flight == 1);
}

TEST_CASE("a drain waits for the slots that are out, as long as it may") {
  Throttle throttle = make({.slots = 2});
  Throttle::Slot slot = throttle.acquire();
  CHECK_FALSE(throttle.drain(0s));
  CHECK_FALSE(throttle.drain(1ms));
  std::binary_semaphore closed(0);
  std::atomic<bool> given_back = false;
  std::jthread other([&, own = std::move(slot)]() mutable {
    closed.acquire();
    given_back = true;
    own.release();
  });
  closed.release();
  CHECK(throttle.drain());
  CHECK(given_back);
  CHECK(throttle.drain(0s));
}

TEST_CASE("a slot may outlive its throttle, whose listeners are told nothing then") {
  int told = 0;
  Throttle::Slot slot;
  {
    Throttle throttle = make({});
    throttle.on_state([&](const Throttle::Snapshot&) { ++told; });
    throttle.on_progress([&](const Throttle::Snapshot&) { ++told; });
    slot = throttle.acquire();
  }
  slot.failed();
  slot.release();
  CHECK_FALSE(slot);
  CHECK(told == 0);
}

TEST_CASE("an exception is a failure and passed on, unless the slot was told otherwise") {
  Throttle throttle = make({});
  CHECK(throttle.run([] { return 7; }) == 7);
  int value = 1;
  int& same = throttle.run([&]() -> int& { return value; });
  CHECK(&same == &value);
  CHECK_THROWS_AS(throttle.run([] { throw std::runtime_error("down"); }), std::runtime_error);
  CHECK(throttle.snapshot().failed == 1);
  const auto overloaded = [](Throttle::Slot& slot) {
    slot.overloaded();
    throw std::runtime_error("429");
  };
  CHECK_THROWS_AS(throttle.run(overloaded), std::runtime_error);
  throttle.run([](Throttle::Slot& slot) { slot.cancelled(); });
  const Throttle::Snapshot s = throttle.snapshot();
  CHECK(s.succeeded == 2);
  CHECK(s.failed == 1);
  CHECK(s.overloaded == 1);
  CHECK(s.cancelled == 1);
  CHECK(s.in_flight == 0);
}

TEST_CASE("a function that was wrapped takes a slot for each call, and may outlive the throttle") {
  std::optional<Throttle> throttle(make({}));
  auto add = throttle->wrap([sum = 0](int more) mutable { return sum += more; });
  CHECK(add(2) == 2);
  CHECK(add(3) == 5);
  auto fails = throttle->wrap([](const std::string& why) -> void { throw std::logic_error(why); });
  CHECK_THROWS_WITH(fails("why"), "why");
  CHECK(throttle->snapshot().succeeded == 2);
  CHECK(throttle->snapshot().failed == 1);
  throttle.reset();
  CHECK_THROWS_AS(add(1), ThrottleClosed);
}

TEST_CASE("an open circuit refuses calls where it is to, also those that wait") {
  Throttle throttle = make({.slots = 3, .circuit = {2, 1h, 1, true}});
  Throttle::Slot one = throttle.acquire();
  Throttle::Slot two = throttle.acquire();
  Throttle::Slot three = throttle.acquire();
  std::atomic<bool> refused = false;
  std::jthread waits([&] {
    try {
      throttle.acquire();
    } catch (const CircuitOpen&) {
      refused = true;
    }
  });
  wait_until_waiting(throttle, 1);
  // What starts in a free slot is let through before the circuit opens: so the slots go together.
  throttle.pause();
  for (Throttle::Slot* slot : {&one, &two, &three}) {
    slot->failed();
    slot->release();
  }
  throttle.resume();
  waits.join();
  CHECK(refused);
  CHECK(throttle.snapshot().phase == Throttle::Phase::circuit_open);
  CHECK(throttle.snapshot().circuit == Circuit::open);
  CHECK(throttle.snapshot().circuit_left > 0s);
  CHECK(throttle.snapshot().refused == 1);
  try {
    throttle.acquire();
    FAIL("it was let through");
  } catch (const CircuitOpen& error) {
    CHECK(error.left() > 0s);
    CHECK(error.left() <= 1h);
  }
}

TEST_CASE("an open circuit that does not refuse lets a probe through, and it closes") {
  Throttle throttle = make({.circuit = {1, 1ms, 1, false}});
  std::vector<Circuit> told;
  throttle.on_state([&](const Throttle::Snapshot& s) { told.push_back(s.circuit); });
  fail_once(throttle);
  throttle.acquire();
  CHECK(throttle.snapshot().circuit == Circuit::closed);
  CHECK(told == std::vector{Circuit::open, Circuit::half_open, Circuit::closed});
}

TEST_CASE("tokens that a call did not use go back to the budget, and those beyond are taken") {
  Throttle throttle = make({.slots = 10, .budget = Rate{100, 1h}});
  throttle.run([](Throttle::Slot& slot) { slot.record_tokens(10); }, 90);
  throttle.acquire(60).record_tokens(80);
  CHECK_FALSE(now_or_never(throttle, 11));
  CHECK(now_or_never(throttle, 10));
  CHECK_THROWS_WITH(throttle.acquire(101), "it costs 101, and the token budget is 100 in 1h 0m");
  CHECK_THROWS_AS(throttle.acquire(0), std::invalid_argument);
  CHECK(throttle.snapshot().waiting == 0);
}

TEST_CASE("starts keep a rate, and who waits for it is woken in time") {
  Throttle throttle = make({.slots = 4, .rate = Pacer::Settings{{1, 5ms}}});
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::jthread> pool;
  for (int t = 0; t < 4; ++t) {
    pool.emplace_back([&] {
      for (int i = 0; i < 5; ++i) throttle.acquire();
    });
  }
  pool.clear();
  // 20 ms of lateness may be made up for.
  CHECK(std::chrono::steady_clock::now() - begun >= 19 * 5ms - 20ms);
  CHECK(throttle.snapshot().interval == 5ms);
}

TEST_CASE("a pause ends by itself, by a person, and the service's is not ended by one") {
  Throttle throttle = make({});
  throttle.pause(1ms);
  throttle.acquire();
  throttle.pause();
  CHECK(throttle.snapshot().phase == Throttle::Phase::paused);
  CHECK(throttle.snapshot().pause_left == Duration::max());
  CHECK_FALSE(now_or_never(throttle));
  std::jthread waits([&] { throttle.acquire(); });
  wait_until_waiting(throttle, 1);
  CHECK(throttle.snapshot().gate == Gate::pause);
  throttle.resume();
  waits.join();
  throttle.acquire().overloaded(1h);
  throttle.resume();
  CHECK_FALSE(now_or_never(throttle));
}

TEST_CASE("listeners are told in order, one at a time, and may use the throttle") {
  Throttle throttle = make({.slots = 4});
  std::atomic<int> inside = 0;
  std::atomic<bool> alone = true;
  std::atomic<bool> ordered = true;
  std::atomic<std::uint64_t> ended = 0;
  throttle.on_progress([&](const Throttle::Snapshot& s) {
    if (++inside != 1) alone = false;
    if (s.succeeded != ended + 1) ordered = false;
    ended = s.succeeded;
    throttle.snapshot();
    --inside;
  });
  std::vector<Throttle::Phase> phases;
  throttle.on_state([&](const Throttle::Snapshot& s) {
    phases.push_back(s.phase);
    if (s.phase == Throttle::Phase::paused) throttle.resume();
  });
  std::vector<std::jthread> pool;
  for (int t = 0; t < 4; ++t) {
    pool.emplace_back([&] {
      for (int i = 0; i < 50; ++i) throttle.acquire();
    });
  }
  pool.clear();
  CHECK(ended == 200);
  CHECK(alone);
  CHECK(ordered);
  throttle.pause();
  throttle.close();
  CHECK(phases ==
        std::vector{Throttle::Phase::paused, Throttle::Phase::running, Throttle::Phase::closed});
}
