// The limiters answer the vectors, and keep what they promise at any rate, cost and time.
#include <functional>
#include <sstream>

#include "lib/control/budget_meter.h"
#include "lib/control/gcra.h"
#include "lib/control/random.h"
#include "lib/control/rolling_sum.h"
#include "lib/control/sliding_log.h"
#include "tests/unit/catch.h"
#include "tests/unit/limiter_vectors.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

using Limiter = std::function<Decision(TimePoint, Cost)>;

Limiter limiter_of(const LimiterCase& c) {
  const Rate rate{c.amount, std::chrono::milliseconds(c.period_ms)};
  if (c.kind == "gcra") {
    return [gcra = Gcra(rate, c.burst)](TimePoint now, Cost cost) mutable {
      return gcra.decide(now, cost);
    };
  }
  if (c.kind == "log") {
    return [log = SlidingLog(rate)](TimePoint now, Cost cost) mutable {
      return log.decide(now, cost);
    };
  }
  if (c.kind == "meter") {
    return [meter = BudgetMeter(rate)](TimePoint now, Cost cost) mutable {
      return meter.decide(now, cost);
    };
  }
  throw std::runtime_error("no such limiter: " + c.kind);
}

std::string milliseconds(Duration d) {
  if (d == Duration::max()) return "never";
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(d).count());
}

/// As a line of the file has it after its arrow.
std::string fields(const Decision& d) {
  std::ostringstream out;
  out << d.allowed << ' ' << d.limit << ' ' << d.remaining << ' ' << milliseconds(d.reset) << ' '
      << milliseconds(d.retry);
  return out.str();
}

Duration random_duration(Random& random, Duration most) {
  return Duration(
      static_cast<std::int64_t>(random.next() % (static_cast<std::uint64_t>(most.count()) + 1)));
}

Rate random_rate(Random& random) {
  Rate rate;
  rate.amount = 1 + random.next() % (random.next() % 2 == 0 ? 5 : 200);
  rate.period = 1ms + random_duration(random, random.next() % 2 == 0 ? Duration(50ms) : 100s);
  return rate;
}

struct Taken {
  TimePoint at;
  Cost cost;
};

/// Asks again and again, at the time told and at others, with random costs. Each answer must hold:
/// just before the time told it must not start, at that time it must.
template <typename Limiter>
std::vector<Taken> starts_of(Limiter& limiter, Cost most, Random& random) {
  std::vector<Taken> starts;
  TimePoint now = at(random_duration(random, 1h));
  while (starts.size() < 300) {
    const Cost cost = 1 + random.next() % most;
    const TimePoint told = limiter.at(cost);
    if (told > now) {
      Limiter earlier = limiter;
      REQUIRE_FALSE(earlier.decide(told - 1ns, cost).allowed);
      REQUIRE(told < never);
      now = told;
    } else if (random.next() % 4 == 0) {
      now += random_duration(random, 1s);
    }
    REQUIRE(limiter.decide(now, cost).allowed);
    starts.push_back({now, cost});
  }
  return starts;
}

}  // namespace

TEST_CASE("limiters answer the vectors, field for field") {
  int questions = 0;
  for (const LimiterCase& c : limiter_cases()) {
    Limiter limiter = limiter_of(c);
    for (const auto& question : c.questions) {
      CAPTURE(question.line);
      const TimePoint now = at(std::chrono::milliseconds(question.now_ms));
      CHECK(fields(limiter(now, question.cost)) == question.answer);
      ++questions;
    }
  }
  CHECK(questions > 60);
}

TEST_CASE("GCRA: within any time t no more than burst + t * rate starts") {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const Rate rate = random_rate(random);
    const Cost burst = 1 + random.next() % 50;
    CAPTURE(round, rate.amount, rate.period.count(), burst);
    Gcra gcra(rate, burst);
    const std::vector<Taken> starts = starts_of(gcra, burst, random);
    bool kept = true;
    for (std::size_t first = 0; first < starts.size(); ++first) {
      Cost cost = 0;
      for (std::size_t last = first; last < starts.size(); ++last) {
        cost += starts[last].cost;
        // cost <= burst + t * N/T, without a fraction; the numbers are small enough.
        const auto t = static_cast<std::uint64_t>((starts[last].at - starts[first].at).count());
        const auto period = static_cast<std::uint64_t>(rate.period.count());
        kept = kept && cost * period <= burst * period + t * rate.amount;
      }
    }
    CHECK(kept);
  }
}

TEST_CASE("sliding log: never more than N within any window T") {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    const Rate rate = random_rate(random);
    const Cost dearest = random.next() % 3 == 0 ? 1 : rate.amount;
    CAPTURE(round, rate.amount, rate.period.count(), dearest);
    SlidingLog log(rate);
    const std::vector<Taken> starts = starts_of(log, dearest, random);
    bool kept = true;
    for (std::size_t first = 0; first < starts.size(); ++first) {
      Cost cost = 0;
      for (std::size_t last = first;
           last < starts.size() && starts[last].at - starts[first].at < rate.period; ++last) {
        cost += starts[last].cost;
      }
      kept = kept && cost <= rate.amount;
    }
    CHECK(kept);
  }
}

TEST_CASE("GCRA keeps a rate that is no whole number of nanoseconds over hours, to the start") {
  Gcra gcra({3, 1s}, 2);
  TimePoint now = at(0s);
  std::uint64_t starts = 0;
  for (; now <= at(3h); ++starts) {
    gcra.take(now, 1);
    now = std::max(now, gcra.at(1));
  }
  CHECK(starts == 2 + 3 * 3 * 3600);
}

TEST_CASE("a bucket of one start loses no more than a nanosecond a start") {
  Gcra gcra({3, 1s}, 1);
  TimePoint now = at(0s);
  for (int i = 0; i < 3 * 3600; ++i) {
    gcra.take(now, 1);
    now = std::max(now, gcra.at(1));
  }
  CHECK(now >= at(1h));
  CHECK(now <= at(1h + 3 * 3600 * 1ns));
}

TEST_CASE("far out in time and in amount GCRA does not overflow") {
  const Cost most = 1'000'000'000'000;
  const TimePoint now = at(250 * 365 * 24h);
  Gcra fast({most, 1ms}, most);
  CHECK(fast.decide(now, most).allowed);
  CHECK(fast.decide(now, 1).retry == 1ns);
  CHECK(fast.decide(now, most).retry == 1ms);
  Gcra slow({1, 365 * 24h}, most);
  CHECK(slow.decide(now, most).allowed);
  CHECK(slow.at(most) == never);
  CHECK(slow.at(1) == at(251 * 365 * 24h));
}

TEST_CASE("what was given back can start again at once") {
  Gcra gcra({1, 10s}, 1);
  gcra.take(at(5s), 1);
  gcra.give_back(1);
  CHECK(gcra.at(1) <= at(5s));
  SlidingLog log({2, 10s});
  log.take(at(1s), 1);
  log.take(at(5s), 1);
  CHECK(log.at(1) == at(11s));
  log.give_back(at(5s), 1);
  CHECK(log.at(1) <= at(5s));
  CHECK(log.at(2) == at(11s));
}

TEST_CASE("a rolling sum is the sum of a list, at any time") {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    const Duration window = 1ms + random_duration(random, 10s);
    RollingSum sum(window);
    std::vector<Taken> list;
    TimePoint now = at(1h);
    for (int i = 0; i < 300; ++i) {
      now += random_duration(random, random.next() % 2 == 0 ? Duration(0) : window / 5);
      const Cost cost = random.next() % 10;
      if (random.next() % 4 == 0 && !list.empty()) {
        // Two at one instant are one entry of the sum, so only as much as there was is taken off.
        Taken& then = list[random.next() % list.size()];
        sum.take_off(then.at, then.cost);
        then.cost = 0;
      } else {
        sum.add(now, cost);
        list.push_back({now, cost});
      }
      const auto sum_at = [&](TimePoint t) {
        Cost total = 0;
        for (const Taken& taken : list) total += taken.at + window > t ? taken.cost : 0;
        return total;
      };
      CHECK(sum.total(now) == sum_at(now));
      const Cost most = random.next() % 100;
      const TimePoint when = sum.at_most(most);
      CHECK(sum_at(std::max(when, now)) <= most);
      if (when > now) CHECK(sum_at(when - 1ns) > most);
    }
  }
}

TEST_CASE("with a grain a sum forgets up to a grain too late and never too early") {
  Random random(4);
  const Duration window = 1s;
  const Duration grain = 10ms;
  RollingSum sum(window, grain);
  std::vector<Taken> list;
  TimePoint now = at(1h);
  for (int i = 0; i < 5000; ++i) {
    now += random_duration(random, 3ms);
    sum.add(now, 1);
    list.push_back({now, 1});
    Cost least = 0;
    Cost most = 0;
    for (const Taken& taken : list) {
      least += taken.at + window > now ? 1 : 0;
      most += taken.at + window + grain > now ? 1 : 0;
    }
    CHECK(sum.total(now) >= least);
    CHECK(sum.total(now) <= most);
  }
}

TEST_CASE("a rolling sum does not overflow") {
  RollingSum sum(1s);
  const Cost most = std::numeric_limits<Cost>::max();
  sum.add(at(0s), most - 1);
  sum.add(at(500ms), most);
  CHECK(sum.total(at(500ms)) == most);
  CHECK(sum.total(at(1s)) == 1);
  CHECK(sum.total(at(1500ms)) == 0);
}
