// What is written of a run once it is over.
#include "lib/record/run_end.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

FailedJobs failed(std::uint64_t jobs, const std::string& command) {
  FailedJobs failures([&](const Job&) { return command; });
  const Outcome outcome{Verdict::failure, {}, "exit 3", "why\tnot"};
  Job job;
  job.attempts = 2;
  for (std::uint64_t i = 1; i <= jobs; ++i) {
    job.id = JobId{i};
    job.line = i + 10;
    failures.on_event(event::Ended{job, outcome, 1s, Fate::retry, 0}, at(1s));
    failures.on_event(event::Ended{job, outcome, 1s, Fate::failed, 0}, at(1s));
  }
  return failures;
}

}  // namespace

TEST_CASE("the end of a run is one JSON object") {
  RunEnd end;
  end.version = "1.2";
  end.labels = {{"team", "a\"b"}};
  end.started = std::chrono::system_clock::time_point(1'700'000'000s);
  end.ended = end.started + 2s;
  end.ran = 2s;
  end.succeeded = 3;
  end.saved = 2;
  end.failed = 1;
  end.attempts = 6;
  end.repeated = 2;
  end.waited[static_cast<std::size_t>(Gate::rate)] = 1500ms;
  end.exit = 1;
  end.failures = failed(1, "cp a b").entries();
  CHECK(
      json_of(end) ==
      R"({"version":"1.2","labels":{"team":"a\"b"},"started":1700000000.000,)"
      R"("ended":1700000002.000,"seconds":2.000,"jobs":{"ok":3,"failed":1,"unfinished":0,)"
      R"("not_started":0,"more_may_follow":false,"by_fallback":2},)"
      R"("attempts":6,"repeated":2,"cuts":0,)"
      R"("rate":2.000,"waited":{"slots":0.000,"rate":1.500,"interval":0.000,"budget":0.000,)"
      R"("circuit":0.000,"pause":0.000,"retry":0.000,"load":0.000,"memory":0.000,)"
      R"("local":0.000,"output":0.000,"input":0.000,"fleet":0.000},"halted":null,"exit":1,"signal":null,)"
      R"("error":null,"failures":[{"seq":1,"line":11,"command":"cp a b","reason":"exit 3",)"
      R"("attempts":2,"last_line":"why\tnot"}]})"
      "\n");
}

TEST_CASE("of many failed jobs the first hundred are kept, and of long commands the head") {
  const FailedJobs failures = failed(150, std::string(999, 'x') + "äöü");
  REQUIRE(failures.entries().size() == 100);
  CHECK(failures.entries().back().seq == 100);
  CHECK(failures.entries().back().command == std::string(999, 'x') + "…");
}
