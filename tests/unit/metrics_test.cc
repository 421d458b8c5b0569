// The metrics' text.
#include "lib/record/metrics.h"

#include <limits>

#include "lib/record/metric_text.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

TEST_CASE("a sample has the run's labels, its own one and a value") {
  MetricText text({{"a", "x\"\\\n\xFFü"}, {"b", ""}});
  text.family("jobs", "gauge", "Jobs.").sample(1.5).sample(2, "le", "+Inf", "_bucket");
  text.sample(std::numeric_limits<double>::infinity());
  CHECK(text.text() ==
        "# HELP gentlify_jobs Jobs.\n# TYPE gentlify_jobs gauge\n"
        "gentlify_jobs{a=\"x\\\"\\\\\\n\uFFFDü\",b=\"\"} 1.5\n"
        "gentlify_jobs_bucket{a=\"x\\\"\\\\\\n\uFFFDü\",b=\"\",le=\"+Inf\"} 2\n"
        "gentlify_jobs{a=\"x\\\"\\\\\\n\uFFFDü\",b=\"\"} +Inf\n");
}

TEST_CASE("without labels there are no braces, and large numbers are whole") {
  MetricText text({});
  text.family("n", "counter", "N.").sample(1'700'000'000).sample(3, "gate", "rate");
  CHECK(text.text().ends_with("\ngentlify_n 1700000000\ngentlify_n{gate=\"rate\"} 3\n"));
}

TEST_CASE("a duration counts in its bucket and in all after it") {
  Histogram histogram;
  for (const Duration d : {Duration(10ms), Duration(11ms), Duration(1h), Duration(2h)}) {
    histogram.add(d);
  }
  CHECK(histogram.at_most(0) == 1);
  CHECK(histogram.at_most(1) == 2);
  CHECK(histogram.at_most(10) == 2);
  CHECK(histogram.at_most(11) == 3);
  CHECK(histogram.at_most(12) == 4);
  CHECK(histogram.sum() == 3h + 21ms);
}
