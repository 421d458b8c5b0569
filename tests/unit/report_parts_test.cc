// What a report is made of, each in so much memory however long the run was: times, stretches of
// the run, bars of slots, and groups of failures.
#include <fmt/format.h>

#include "lib/core/text.h"
#include "lib/record/report_bars.h"
#include "lib/record/report_buckets.h"
#include "lib/record/report_failures.h"
#include "lib/record/report_spread.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

TEST_CASE("percentiles of few times are exact, by the nearest rank") {
  ReportSpread spread;
  for (int i = 100; i >= 1; --i) spread.add(std::chrono::milliseconds(i));
  CHECK(spread.quantile(0.5) == 50ms);
  CHECK(spread.quantile(0.99) == 99ms);
  CHECK(spread.quantile(1) == 100ms);
  CHECK(spread.mean() == 50500us);
  CHECK(spread.least() == 1ms);
}

TEST_CASE("percentiles of many times are right to a hundredth, and every time is in a bar") {
  ReportSpread spread;
  for (int i = 1; i <= 1'000'000; ++i) spread.add(std::chrono::microseconds(i));
  for (const double q : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    CHECK(seconds(spread.quantile(q)) == Approx(q).epsilon(0.01));
  }
  const auto bars = spread.bars(48);
  CHECK(bars.size() <= 48);
  std::uint64_t all = 0;
  for (const auto& bar : bars) all += bar.count;
  CHECK(all == 1'000'000);
  CHECK(bars.back().to >= spread.most());
  CHECK(spread.counts_in(spread, 48).size() == bars.size());
}

TEST_CASE("times beyond all measure have their place") {
  ReportSpread spread;
  spread.add(Duration{});
  spread.add(from_seconds(9e9));
  CHECK(spread.most() == from_seconds(9e9));
  CHECK(spread.bars(48).size() <= 48);
}

TEST_CASE("of a run of any length there are only so many stretches, and nothing is lost") {
  ReportBuckets buckets(8, 1ms);
  ReportLevel level;
  level.running = 3;
  for (int i = 0; i < 1000; ++i) {
    buckets.spread(i * 10ms, (i + 1) * 10ms, level);
    ++buckets.at(i * 10ms).starts;
  }
  CHECK(buckets.all().size() <= 8);
  std::uint64_t starts = 0;
  double running = 0;
  for (const ReportBucket& bucket : buckets.all())
    starts += bucket.starts, running += bucket.running;
  CHECK(starts == 1000);
  CHECK(running == Approx(3 * 10e9));
}

TEST_CASE("where no interval is kept between starts none is known, and no endless rate") {
  ReportBuckets buckets(8, 1s);
  ReportLevel level;
  level.interval = Duration{};
  buckets.spread(0s, 500ms, level);
  CHECK(buckets.all().front().interval_known == Duration{});
  level.interval = 50ms;
  buckets.spread(500ms, 1s, level);
  CHECK(buckets.all().front().interval_known == 500ms);
  CHECK(buckets.all().front().interval == Approx(50e6 * 500e6));
}

TEST_CASE("many short attempts of a slot become few bars that still count them all") {
  ReportBars bars(100);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    ReportBar bar;
    bar.from = std::chrono::milliseconds(i);
    bar.to = bar.from + 1ms;
    bar.seq = i + 1;
    bar.busy = 1ms;
    if (i == 5000) bar.kind = ReportBar::Kind::failure, bar.bad = 1;
    bars.add(1 + static_cast<int>(i % 2), bar);
  }
  CHECK(bars.size() <= 100);
  CHECK(bars.quantum() > 1ms);
  std::uint64_t count = 0;
  std::uint64_t bad = 0;
  std::uint64_t red = 0;
  for (const auto& slot : bars.slots()) {
    for (const ReportBar& bar : slot) {
      count += bar.count;
      bad += bar.bad;
      red += bar.kind == ReportBar::Kind::failure ? 1 : 0;
    }
  }
  CHECK(count == 10'000);
  CHECK(bad == 1);
  CHECK(red == 1);
}

TEST_CASE("of too many different lines the numbers are taken for the same") {
  ReportFailures failures(10);
  const auto add = [&](const std::string& line, std::uint64_t seq) {
    ReportFailures::Group group;
    group.ended = "exit 1";
    group.last_line = line;
    failures.add(std::move(group), seq, true, 1s);
  };
  for (std::uint64_t i = 1; i <= 10; ++i) add(fmt::format("no record {}", i), i);
  CHECK(!failures.masked());
  CHECK(failures.sorted().size() == 10);
  for (std::uint64_t i = 11; i <= 1000; ++i) add(fmt::format("no record {}", i), i);
  CHECK(failures.masked());
  REQUIRE(failures.sorted().size() == 1);
  CHECK(failures.sorted().front()->last_line == "no record #");
  CHECK(failures.sorted().front()->jobs == 1000);
  for (int i = 0; i < 26 * 26; ++i) {
    add(std::string{static_cast<char>('g' + i % 19), static_cast<char>('g' + i / 26 % 19), 'z'}, 1);
  }
  CHECK(failures.lumped());
  CHECK(failures.sorted().size() <= 11);
  CHECK(without_numbers("at 0xdeadbeef12 of 5b58686a85cad577, 3.5 s") == "at #x# of #, #.# s");
}
