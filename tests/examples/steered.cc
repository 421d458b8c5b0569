// A function with a turn before each call, a token budget, and who watches and ends it.
#include <gentlify/throttle.h>
#include <gentlify/throttle_settings.h>

#include <iostream>
#include <stdexcept>
#include <string>

int main() {
  using gentlify::Throttle;
  using gentlify::ThrottleSettings;
  Throttle throttle = ThrottleSettings()
                          .set("controller", "fixed")
                          .set("token_budget.max", "1000")
                          .set("token_budget.window", "1h")
                          .make();
  throttle.on_state([](const Throttle::Snapshot& now) { std::cout << name(now.phase) << '\n'; });

  auto shout = throttle.wrap([](const std::string& word) { return word + "!"; });
  std::cout << shout("wrapped") << '\n';

  // An estimate of 900 tokens that was too high: the rest goes back to the budget.
  throttle.run([](Throttle::Slot& slot) { slot.record_tokens(100); }, 900);
  Throttle::Slot slot = throttle.acquire(800);
  const bool more =
      throttle.try_acquire({.weight = 800, .timeout = std::chrono::seconds(0)}).has_value();
  std::cout << (more ? "more than the budget" : "the budget is used up") << '\n';
  slot.release();

  throttle.pause(std::chrono::hours(1));
  throttle.resume();
  try {
    throttle.run([]() -> int { throw std::runtime_error("passed on"); });
  } catch (const std::runtime_error& error) {
    std::cout << error.what() << '\n';
  }
  throttle.close();
  try {
    shout("too late");
  } catch (const gentlify::ThrottleClosed& error) {
    std::cout << error.what() << '\n';
  }
}
