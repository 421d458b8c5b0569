// When a job is given up, what went through lately, and slots that are kept.
#include "lib/control/hover/job_records.h"

#include "lib/control/hover/held_slots.h"
#include "lib/control/hover/recent.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;
using hover::HeldSlots;
using hover::JobRecords;
using hover::Recent;

namespace {

constexpr JobId job{7};

/// A job that fails once a second, and others that do not.
struct Bench {
  JobRecords records;
  int allowed = 3;
  TimePoint now = at(1s);
  TimePoint last_success = at(0s);
  JobRecords::Record record;

  /// Others start and get through, then the job fails.
  void fail(int n, bool others_succeed = true, bool in_trouble = false) {
    for (int i = 0; i < n; ++i) {
      if (others_succeed) last_success = now;
      now += 1s;
      record = records.failed(job, in_trouble, last_success, now);
    }
  }
  bool broken(bool go_through = true, bool overload_said = false) const {
    return JobRecords::is_broken(record, allowed, go_through, overload_said);
  }
};

}  // namespace

TEST_CASE("a job is given up at its third failure where others got through in between") {
  Bench b;
  b.fail(2);
  CHECK_FALSE(b.broken());
  b.fail(1);
  CHECK(b.broken());
}

TEST_CASE("no job is given up while first tries do not go through") {
  Bench b;
  b.fail(3);
  CHECK_FALSE(b.broken(false));
  b.fail(20);
  CHECK_FALSE(b.broken(false));
}

TEST_CASE("where overload would be said, a plain failure is the job's all the same") {
  Bench b;
  b.fail(3);
  CHECK(b.broken(false, true));
}

TEST_CASE("where overload would be said, it is not, while nobody gets through in between") {
  Bench b;
  b.fail(3, false);
  CHECK_FALSE(b.broken(false, true));
}

TEST_CASE("failures in trouble are not held against a job with a clean record") {
  Bench b;
  b.fail(10, true, true);
  CHECK(b.record.charged == 0);
  CHECK_FALSE(b.broken());
  b.fail(1);
  b.fail(1, true, true);
  CHECK(b.record.charged == 2);
  b.fail(1, true, true);
  CHECK(b.broken());
}

TEST_CASE("a refusal is not held against the job") {
  Bench b;
  for (int i = 0; i < 10; ++i) b.records.refused(job, b.now);
  CHECK(b.records.has_failed(job));
  b.fail(2);
  CHECK(b.record.charged == 2);
  CHECK_FALSE(b.broken());
}

TEST_CASE("a job that failed while others got through is suspected, until it is settled") {
  Bench b;
  const auto suspects = [&b](int failures, bool others_succeed = true) {
    b.fail(failures, others_succeed);
    return b.records.suspects();
  };
  CHECK(suspects(1) == 0);
  CHECK(suspects(1) == Approx(0.3));
  CHECK(suspects(5, false) == Approx(0.3));
  CHECK(suspects(1) == Approx(1));
  CHECK(suspects(5) == Approx(1));
  b.records.settled(job);
  CHECK(b.records.suspects() == Approx(0));
}

TEST_CASE("a job is known to have failed until it is settled") {
  Bench b;
  CHECK_FALSE(b.records.has_failed(job));
  b.fail(2);
  CHECK(b.records.has_failed(job));
  CHECK_FALSE(b.records.has_failed(JobId{8}));
  b.records.settled(job);
  CHECK_FALSE(b.records.has_failed(job));
  b.fail(1);
  CHECK(b.record.failures == 1);
}

TEST_CASE("a job is hopeless after as many failures as it has attempts, refusals included") {
  Bench b;
  b.records.refused(job, b.now);
  b.fail(1);
  CHECK_FALSE(JobRecords::is_hopeless(b.record, b.allowed));
  b.fail(1);
  CHECK(JobRecords::is_hopeless(b.record, b.allowed));
}

TEST_CASE("with one attempt allowed the first failure is enough") {
  Bench b;
  b.allowed = 1;
  b.fail(1);
  CHECK(b.broken());
}

TEST_CASE("first tries go through where 14 of the last 20 did, and in doubt they do") {
  Recent recent;
  for (int i = 0; i < 6; ++i) {
    CHECK(recent.first_tries_go_through());
    recent.first_try(false);
  }
  CHECK(recent.first_tries_go_through());
  recent.first_try(false);
  CHECK_FALSE(recent.first_tries_go_through());
  for (int i = 0; i < 13; ++i) recent.first_try(true);
  CHECK_FALSE(recent.first_tries_go_through());
  recent.first_try(true);  // the oldest of the failures is forgotten
  CHECK(recent.first_tries_go_through());
}

TEST_CASE("where only retries are left there are no first tries that could fail") {
  Recent recent;
  for (int i = 0; i < 20; ++i) recent.first_try(false);
  for (int i = 0; i < 19; ++i) recent.retry(false);
  CHECK_FALSE(recent.first_tries_go_through());
  recent.retry(false);
  CHECK(recent.first_tries_go_through());
  recent.first_try(false);
  CHECK_FALSE(recent.first_tries_go_through());
}

TEST_CASE("retries go through where 3 of the last 12 did, and in doubt they do") {
  Recent recent;
  CHECK(recent.retries_go_through());
  for (int i = 0; i < 12; ++i) recent.retry(false);
  CHECK_FALSE(recent.retries_go_through());
  for (int i = 0; i < 2; ++i) recent.retry(true);
  CHECK_FALSE(recent.retries_go_through());
  recent.retry(true);
  CHECK(recent.retries_go_through());
  for (int i = 0; i < 10; ++i) recent.retry(false);
  CHECK_FALSE(recent.retries_go_through());
}

TEST_CASE("first tries say nothing of retries, and what is cleared is in doubt again") {
  Recent recent;
  for (int i = 0; i < 20; ++i) recent.first_try(false);
  CHECK(recent.retries_go_through());
  for (int i = 0; i < 12; ++i) recent.retry(false);
  recent.clear();
  CHECK(recent.first_tries_go_through());
  CHECK(recent.retries_go_through());
}

TEST_CASE("a slot is held until its time, the earliest first") {
  HeldSlots held;
  CHECK(held.count(at(0s)) == 0);
  CHECK(held.next_free() == never);
  held.hold(at(3s));
  held.hold(at(1s));
  held.hold(at(3s));
  CHECK(held.count(at(1s) - 1ns) == 3);
  CHECK(held.next_free() == at(1s));
  CHECK(held.count(at(1s)) == 2);
  CHECK(held.next_free() == at(3s));
  CHECK(held.count(at(3s)) == 0);
  CHECK(held.next_free() == never);
}
