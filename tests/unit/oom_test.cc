// Kills for want of memory, by counters of the test's own.
#include "lib/engine/oom.h"

#include <csignal>
#include <fstream>

#include "tests/unit/catch.h"
#include "tests/unit/config_load.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

constexpr JobId job{7};

/// The kernel's counters, as memory.events and /proc/vmstat have them.
class Counter {
 public:
  Counter() : file_("") { set(0); }
  void set(int kills) {
    std::ofstream(file_.path()) << "low 0\noom 9\noom_kill " << kills << "\noom_group_kill 0\n";
  }
  std::string path() const { return file_.path(); }

 private:
  File file_;
};

Outcome killed() {
  return {Verdict::failure, {Exit::Kind::signal, SIGKILL}, "killed by SIGKILL", {}};
}

Outcome judged(OomKills& kills, JobId id, bool alone = false, Outcome outcome = killed(),
               TimePoint now = at(0s)) {
  kills.judge(outcome, id, alone, now);
  return outcome;
}

}  // namespace

TEST_CASE("a KILL is a plain failure where the kernel has counted none") {
  Counter counter;
  counter.set(5);
  OomKills kills(counter.path(), "/nowhere");
  CHECK(judged(kills, job).verdict == Verdict::failure);
  CHECK(judged(kills, job).reason == "killed by SIGKILL");
}

TEST_CASE("a job that the kernel killed for memory is overload at first, and then can never run") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(1);
  const Outcome first = judged(kills, job);
  CHECK(first.verdict == Verdict::overload);
  CHECK(first.reason == "out of memory");
  counter.set(2);
  CHECK(judged(kills, JobId{8}).verdict == Verdict::overload);
  counter.set(3);
  const Outcome second = judged(kills, job);
  CHECK(second.verdict == Verdict::permanent);
  CHECK(second.reason == "out of memory again");
}

TEST_CASE("a job that had the memory to itself can never run") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(1);
  const Outcome outcome = judged(kills, job, true);
  CHECK(outcome.verdict == Verdict::permanent);
  CHECK(outcome.reason == "out of memory, with no other job running");
}

TEST_CASE("each kill that was counted is one job's, also where two come at once") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(2);
  CHECK(judged(kills, job).verdict == Verdict::overload);
  CHECK(judged(kills, JobId{8}).verdict == Verdict::overload);
  CHECK(judged(kills, JobId{9}).verdict == Verdict::failure);
}

TEST_CASE("the count is asked for only where a job was killed") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(1);
  const Outcome failed{Verdict::failure, {Exit::Kind::code, SIGKILL}, "exit 9", {}};
  CHECK(judged(kills, job, true, failed).verdict == Verdict::failure);
  const Outcome crashed{Verdict::failure, {Exit::Kind::signal, SIGSEGV}, "", {}};
  CHECK(judged(kills, job, true, crashed).verdict == Verdict::failure);
  CHECK(judged(kills, job).verdict == Verdict::overload);
}

TEST_CASE("a job that was settled has no kills on its record") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(2);
  CHECK(judged(kills, job).verdict == Verdict::overload);
  kills.forget(job);
  CHECK(judged(kills, job).verdict == Verdict::overload);
}

TEST_CASE("what the job said of itself holds") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  counter.set(1);
  Outcome permanent = killed();
  permanent.verdict = Verdict::permanent;
  CHECK(judged(kills, job, false, permanent).verdict == Verdict::permanent);
}

TEST_CASE("without a cgroup's count the machine's is taken, and without any none is told") {
  Counter machine;
  OomKills kills("/nowhere", machine.path());
  OomKills blind("/nowhere", "/nowhere");
  machine.set(1);
  CHECK(judged(kills, job).verdict == Verdict::overload);
  CHECK(judged(blind, job).verdict == Verdict::failure);
}

TEST_CASE("a kill that was counted while other jobs ended, seconds ago, is not this job's") {
  Counter counter;
  OomKills kills(counter.path(), "/nowhere");
  const Outcome fine{Verdict::success, {}, "", {}};
  judged(kills, JobId{1}, false, fine, at(0s));
  counter.set(1);
  judged(kills, JobId{2}, false, fine, at(2s));
  CHECK(judged(kills, job, false, killed(), at(2s)).verdict == Verdict::overload);
  counter.set(2);
  judged(kills, JobId{3}, false, fine, at(4s));
  judged(kills, JobId{4}, false, fine, at(6s));
  CHECK(judged(kills, JobId{8}, false, killed(), at(6s)).verdict == Verdict::failure);
}
