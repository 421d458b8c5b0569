// How long a modelled service takes and how it fails, against what queueing theory says.
#include <cmath>
#include <map>

#include "lib/control/simulation/service.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::sim;
using namespace std::chrono_literals;
using gentlify::test::at;

namespace {

Model steady(Duration duration) {
  Model model;
  model.duration = duration;
  model.variation = model.jitter = 0;
  return model;
}

/// The next departure, and when it was.
struct Seen {
  Service::Departure departure;
  TimePoint at;
};
std::optional<Seen> next_departure(Service& service) {
  while (service.next() != never) {
    const TimePoint now = service.next();
    if (const auto departure = service.advance(now)) return Seen{*departure, now};
  }
  return {};
}

/// The mean time that starts at random times, `rate` a second, wait for a server.
double mean_wait(double rate, double mean, int servers) {
  Model model = steady(from_seconds(mean));
  model.pace = Queue(servers);
  Service service(model, 7);
  Random random(11);
  std::map<JobId, TimePoint> started;
  double sojourn = 0;
  constexpr int jobs = 200'000;
  TimePoint arrival{};
  std::uint64_t id = 0;
  for (int ended = 0; ended < jobs;) {
    if (id < jobs && arrival <= service.next()) {
      started[JobId{++id}] = arrival;
      service.start(JobId{id}, 1, arrival);
      arrival += from_seconds(exponential(random, 1 / rate));
      continue;
    }
    const TimePoint now = service.next();
    const auto departure = service.advance(now);
    if (!departure) continue;
    sojourn += seconds(now - started[departure->job]);
    ++ended;
  }
  return sojourn / jobs - mean;
}

/// Erlang's formula C: see queue.h.
double erlang_wait(double rate, double mean, int servers) {
  const double a = rate * mean;
  double term = 1;
  double sum = 0;
  for (int k = 0; k < servers; ++k) {
    sum += term;
    term *= a / (k + 1);
  }
  const double all_busy = term / (1 - a / servers);
  return all_busy / (sum + all_busy) / (servers / mean - rate);
}

/// Ends per second with always `inside` attempts in service.
double throughput(const Knee& knee, int inside) {
  Model model;
  model.duration = 500ms;
  model.pace = knee;
  Service service(model, 3);
  std::uint64_t id = 0;
  for (int i = 0; i < inside; ++i) service.start(JobId{++id}, 1, at(0s));
  int ended = 0;
  TimePoint now{};
  for (; ended < 4000; ++ended) {
    now = next_departure(service)->at;
    service.start(JobId{++id}, 1, now);
  }
  return ended / seconds(now.time_since_epoch());
}

}  // namespace

TEST_CASE("the mean wait before the servers is Erlang's") {
  CHECK(mean_wait(6, 0.5, 4) == Approx(erlang_wait(6, 0.5, 4)).epsilon(0.04));
  CHECK(mean_wait(1.4, 0.5, 1) == Approx(erlang_wait(1.4, 0.5, 1)).epsilon(0.04));
  CHECK(mean_wait(18, 1, 20) == Approx(erlang_wait(18, 1, 20)).epsilon(0.06));
}

TEST_CASE("throughput beyond the knee falls as the Universal Scalability Law says") {
  const double s = 0.03;
  const double k = 0.015;
  const Knee knee(s, k);
  for (const int n : {1, 4, 8, 16, 64}) {
    const double formula = 2 * n / (1 + s * (n - 1) + k * n * (n - 1));
    CHECK(throughput(knee, n) == Approx(formula).epsilon(0.03));
  }
  CHECK(knee.best(64) == std::lround(std::sqrt((1 - s) / k)));
  CHECK(Knee(0, 0).best(64) == 64);
}

TEST_CASE("attempts in a shared service leave in the order of the work they have left") {
  Knee knee(0, 0);  // each as fast as if it were alone
  knee.enter(1, 3, at(0s));
  knee.enter(2, 1, at(1s));
  knee.enter(3, 9, at(1s));
  CHECK(knee.next() == at(2s));
  CHECK(knee.finish() == 2);
  knee.leave(3, at(2500ms));
  CHECK(knee.next() == at(3s));
  CHECK(knee.finish() == 1);
  CHECK(knee.next() == never);
}

TEST_CASE("a timed-out attempt keeps its place in a queue, unless the service cleans up") {
  for (const bool zombies : {true, false}) {
    Model model = steady(1s);
    model.timeout = 10ms;
    model.pace = Queue(1, zombies);
    Service service(model, 5);
    for (std::uint64_t id = 1; id <= 20; ++id) CHECK(service.start(JobId{id}, 1, at(0s)));
    int timed_out = 0;
    while (service.next() <= at(10ms)) {
      const auto departure = service.advance(service.next());
      if (!departure || !departure->timed_out) continue;
      CHECK(departure->cause == Cause::slow);
      ++timed_out;
    }
    CHECK(timed_out >= 18);
    service.start(JobId{100}, 1, at(20ms));
    TimePoint last{};
    while (service.next() != never) {
      last = service.next();
      service.advance(last);
    }
    CHECK((last > at(5s)) == zombies);
  }
}

TEST_CASE("an outage refuses at once or hangs until the time-out, also beyond its end") {
  Model model = steady(1s);
  model.timeout = 10s;
  model.outages = Outages({{at(5s), at(8s), false}, {at(20s), at(25s), true}});
  Service service(model, 1);
  CHECK(service.start(JobId{1}, 1, at(0s)));
  CHECK(next_departure(service)->departure.cause == Cause::none);
  CHECK_FALSE(service.start(JobId{2}, 1, at(5s)));
  auto seen = next_departure(service);
  CHECK(seen->departure.cause == Cause::outage);
  CHECK(seen->at < at(6s));
  CHECK_FALSE(service.start(JobId{3}, 1, at(24s)));
  seen = next_departure(service);
  CHECK(seen->departure.cause == Cause::outage);
  CHECK(seen->departure.timed_out);
  CHECK(seen->at == at(34s));
  CHECK(service.opens(at(5s)) == at(8s));
  CHECK(service.opens(at(25s)) == at(25s));
}

TEST_CASE("a broken job fails at every attempt, and noise strikes a share of all") {
  Model model = steady(1s);
  model.broken = 0.1;
  model.broken_after = 0.25;
  model.noise = 0.05;
  Service service(model, 9);
  constexpr int jobs = 20'000;
  int broken = 0;
  int noise = 0;
  for (std::uint64_t id = 1; id <= jobs; ++id) {
    const bool is_broken = service.is_broken(JobId{id});
    for (int attempt = 1; attempt <= 2; ++attempt) {
      service.start(JobId{id}, attempt, at(0s));
      const auto seen = next_departure(service);
      CHECK((seen->departure.cause == Cause::broken) == is_broken);
      if (is_broken) CHECK(seen->at == at(250ms));
      noise += seen->departure.cause == Cause::noise;
    }
    broken += is_broken;
  }
  CHECK(broken == Approx(0.1 * jobs).epsilon(0.05));
  CHECK(noise == Approx(0.05 * 0.9 * 2 * jobs).epsilon(0.06));
}

TEST_CASE("durations have the mean and the variation that were asked for") {
  Model model;
  model.duration = 2s;
  model.variation = 0.6;
  model.jitter = 0;
  Service service(model, 4);
  constexpr int jobs = 50'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t id = 1; id <= jobs; ++id) {
    service.start(JobId{id}, 1, at(0s));
    const double took = seconds(next_departure(service)->at.time_since_epoch());
    sum += took;
    squares += took * took;
  }
  const double mean = sum / jobs;
  CHECK(mean == Approx(2).epsilon(0.02));
  CHECK(std::sqrt(squares / jobs - mean * mean) / mean == Approx(0.6).epsilon(0.04));
}

TEST_CASE("an attempt meets the same luck whenever it is made") {
  Model model;
  model.noise = 0.5;
  const auto tried = [&](Duration start) {
    Service service(model, 21);
    service.start(JobId{1}, 1, at(start));
    service.start(JobId{5}, 3, at(start));
    auto seen = *next_departure(service);
    if (number(seen.departure.job) != 5) seen = *next_departure(service);
    return std::pair{seen.at - at(start), seen.departure.cause};
  };
  CHECK(tried(0s) == tried(77s));
}

TEST_CASE("a refusal tells the time when there will be room only where the model says so") {
  for (const Signal signal : {Signal::failure, Signal::overload, Signal::retry_after}) {
    Model model = steady(1s);
    model.limits = {TokenBucket(0.1, 1)};
    model.signal = signal;
    Service service(model, 1);
    CHECK(service.start(JobId{1}, 1, at(0s)));
    CHECK_FALSE(service.start(JobId{2}, 1, at(0s)));
    const auto seen = next_departure(service);
    CHECK(seen->departure.cause == Cause::refused);
    CHECK(seen->departure.retry_after.has_value() == (signal == Signal::retry_after));
    if (seen->departure.retry_after) CHECK(*seen->departure.retry_after == 10s);
  }
}
