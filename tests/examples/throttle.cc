// Calls of many threads, as many at once as a service takes: the example of the README.
#include <gentlify/throttle.h>
#include <gentlify/throttle_settings.h>

#include <iostream>
#include <thread>
#include <vector>

int main() {
  // The settings and defaults of gentlify. Here 8 calls at once at most, and 1000 starts a second.
  gentlify::Throttle throttle = gentlify::ThrottleSettings()
                                    .toml("max_concurrency = 8\nrate = \"1000/s\"")
                                    .environment()  // GENTLIFY_RATE=10/s and the like win over it
                                    .make();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      gentlify::Throttle::Slot slot = throttle.acquire();           // waits for its turn
      const int status = 200;                                       // the call
      if (status == 429) slot.overloaded(std::chrono::seconds(2));  // its Retry-After
      if (status >= 500) slot.failed();
    });  // the slot is given back
  }
  threads.clear();
  std::cout << throttle.run([] { return "an exception would be a failure"; }) << '\n';
  throttle.drain();
  const gentlify::Throttle::Snapshot end = throttle.snapshot();
  std::cout << end.succeeded << " succeeded, " << end.failed << " failed\n";
}
