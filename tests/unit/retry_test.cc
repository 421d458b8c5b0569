// Whether and when a job runs again.
#include "lib/control/retry.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

Job failed(int failures, int overloads = 0) {
  Job job;
  job.failures = failures;
  job.overloads = overloads;
  return job;
}

RetrySettings with(Backoff backoff) {
  RetrySettings s;
  s.max_attempts = 100;
  s.backoff = backoff;
  return s;
}

}  // namespace

TEST_CASE("a failed job is given up after max_attempts attempts") {
  Retry retry(RetrySettings{}, 1);
  CHECK(retry.delay(failed(1), Verdict::failure));
  CHECK(retry.delay(failed(2), Verdict::failure));
  CHECK_FALSE(retry.delay(failed(3), Verdict::failure));
}

TEST_CASE("with one attempt a failure is final, but overload still has its own allowance") {
  RetrySettings s;
  s.max_attempts = 1;
  s.overload = 2;
  Retry retry(s, 1);
  CHECK_FALSE(retry.delay(failed(1), Verdict::failure));
  CHECK(retry.delay(failed(0, 1), Verdict::overload));
  CHECK(retry.delay(failed(0, 2), Verdict::overload));
  CHECK_FALSE(retry.delay(failed(0, 3), Verdict::overload));
}

TEST_CASE("refusals by the service are not charged to the job") {
  Retry retry(RetrySettings{}, 1);
  CHECK(retry.delay(failed(1, 15), Verdict::failure));
}

TEST_CASE("what is permanent, stopped or successful is not retried") {
  Retry retry(RetrySettings{}, 1);
  for (const Verdict v : {Verdict::permanent, Verdict::stopped, Verdict::success}) {
    CHECK_FALSE(retry.delay(failed(0), v));
  }
}

TEST_CASE("fixed backoff waits the base delay each time") {
  Retry retry(with(Backoff::fixed), 1);
  CHECK(retry.delay(failed(1), Verdict::failure) == 1s);
  CHECK(retry.delay(failed(9), Verdict::failure) == 1s);
}

TEST_CASE("exponential backoff doubles from the base delay to the maximum") {
  Retry retry(with(Backoff::exponential), 1);
  CHECK(retry.delay(failed(1), Verdict::failure) == 1s);
  CHECK(retry.delay(failed(2), Verdict::failure) == 2s);
  CHECK(retry.delay(failed(6), Verdict::failure) == 32s);
  CHECK(retry.delay(failed(7), Verdict::failure) == 60s);
  CHECK(retry.delay(failed(90), Verdict::failure) == 60s);
}

TEST_CASE("exponential jitter lies between half and the whole of the exponential delay") {
  Retry retry(with(Backoff::exponential_jitter), 1);
  Duration least = 1h;
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Duration d = *retry.delay(failed(3), Verdict::failure);
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(least >= 2s);
  CHECK(least < 2050ms);
  CHECK(most <= 4s);
  CHECK(most > 3950ms);
}
