// What an exit means.
#include "lib/engine/classify.h"

#include <cerrno>
#include <csignal>

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

ExitLists lists() {
  ExitLists l;
  l.success.set(0);
  l.overload.set(75);
  for (const std::size_t status : {64U, 65U, 127U}) l.permanent.set(status);
  return l;
}

Verdict verdict(int status, const Said& said = {}) {
  return classify({Exit::Kind::code, status}, lists(), said).verdict;
}

}  // namespace

TEST_CASE("exit statuses are looked up in the lists, and are failures where none holds them") {
  CHECK(verdict(0) == Verdict::success);
  CHECK(verdict(75) == Verdict::overload);
  CHECK(verdict(64) == Verdict::permanent);
  CHECK(verdict(1) == Verdict::failure);
  CHECK(verdict(255) == Verdict::failure);
}

TEST_CASE("success wins over the other lists") {
  ExitLists both = lists();
  both.success.set(75);
  CHECK(classify({Exit::Kind::code, 75}, both).verdict == Verdict::success);
}

TEST_CASE(
    "what a job said goes before the lists of overload and permanent, but not before success") {
  Said said;
  said.overload = "overload reported";
  CHECK(verdict(1, said) == Verdict::overload);
  CHECK(verdict(64, said) == Verdict::overload);
  CHECK(verdict(0, said) == Verdict::success);
  said.permanent = true;
  CHECK(verdict(1, said) == Verdict::permanent);
  CHECK(verdict(75, said) == Verdict::permanent);
  CHECK(verdict(0, said) == Verdict::success);
}

TEST_CASE("a job that was killed may have said why") {
  Said said;
  said.overload = "overload reported";
  const Outcome outcome = classify({Exit::Kind::signal, SIGTERM}, lists(), said);
  CHECK(outcome.verdict == Verdict::overload);
  CHECK(outcome.reason == "killed by SIGTERM, overload reported");
}

TEST_CASE("a Retry-After and a cost are passed on whatever the verdict") {
  Said said;
  said.retry_after = std::chrono::seconds(3);
  said.cost = 12;
  for (const int status : {0, 1, 64, 75}) {
    const Outcome outcome = classify({Exit::Kind::code, status}, lists(), said);
    CHECK(outcome.retry_after == std::chrono::seconds(3));
    CHECK(outcome.cost == 12U);
  }
}

TEST_CASE("a signal is a failure and is named") {
  const Outcome outcome = classify({Exit::Kind::signal, SIGSEGV}, lists());
  CHECK(outcome.verdict == Verdict::failure);
  CHECK(outcome.reason == "killed by SIGSEGV");
}

TEST_CASE("a program that cannot be executed is permanent, with the system's reason") {
  const Outcome outcome = classify({Exit::Kind::unstarted, ENOENT}, lists());
  CHECK(outcome.verdict == Verdict::permanent);
  CHECK(outcome.reason == "cannot run it: No such file or directory");
}
