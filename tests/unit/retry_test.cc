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

TEST_CASE("a job may have an allowance of its own") {
  RetrySettings s;
  s.max_attempts = 1;
  Retry retry(s, 1);
  JobOptions own;
  own.max_attempts = 3;
  Job job;
  job.own = std::make_shared<const JobOptions>(own);
  CHECK_FALSE(retry.once(job));
  job.failures = 2;
  CHECK(retry.delay(job, Account::job));
  job.failures = 3;
  CHECK_FALSE(retry.delay(job, Account::job));
}

TEST_CASE("a failed job is given up after max_attempts attempts") {
  Retry retry(RetrySettings{}, 1);
  CHECK(retry.delay(failed(1), Account::job));
  CHECK(retry.delay(failed(2), Account::job));
  CHECK_FALSE(retry.delay(failed(3), Account::job));
}

TEST_CASE("with one attempt a failure is final, but overload still has its own allowance") {
  RetrySettings s;
  s.max_attempts = 1;
  s.overload = 2;
  Retry retry(s, 1);
  CHECK_FALSE(retry.delay(failed(1), Account::job));
  CHECK(retry.delay(failed(0, 1), Account::service));
  CHECK(retry.delay(failed(0, 2), Account::service));
  CHECK_FALSE(retry.delay(failed(0, 3), Account::service));
}

TEST_CASE("refusals by the service are not charged to the job") {
  Retry retry(RetrySettings{}, 1);
  CHECK(retry.delay(failed(1, 15), Account::job));
}

TEST_CASE("fixed backoff waits the base delay each time") {
  Retry retry(with(Backoff::fixed), 1);
  CHECK(retry.delay(failed(1), Account::job) == 1s);
  CHECK(retry.delay(failed(9), Account::job) == 1s);
}

TEST_CASE("exponential backoff doubles from the base delay to the maximum") {
  Retry retry(with(Backoff::exponential), 1);
  CHECK(retry.delay(failed(1), Account::job) == 1s);
  CHECK(retry.delay(failed(2), Account::job) == 2s);
  CHECK(retry.delay(failed(6), Account::job) == 32s);
  CHECK(retry.delay(failed(7), Account::job) == 60s);
  CHECK(retry.delay(failed(90), Account::job) == 60s);
}

TEST_CASE("exponential jitter lies between half and the whole of the exponential delay") {
  Retry retry(with(Backoff::exponential_jitter), 1);
  Duration least = 1h;
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Duration d = *retry.delay(failed(3), Account::job);
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(least >= 2s);
  CHECK(least < 2050ms);
  CHECK(most <= 4s);
  CHECK(most > 3950ms);
}
