// What the engine does with a job that KILL does not end. To one without any patience each job that
// has to be killed is like that, until its end is heard of.
#include <sys/wait.h>

#include "lib/control/fixed.h"
#include "lib/engine/engine.h"
#include "lib/engine/input/list_source.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

class Heard : public Display {
 public:
  Recorder seen;
  std::vector<std::string> notes, reasons;

  TimePoint refresh(TimePoint) override { return never; }
  void show_state(TimePoint) override {}
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  void on_event(const Event& event, TimePoint now) override {
    seen.on_event(event, now);
    if (const auto* ended = std::get_if<event::Ended>(&event)) {
      reasons.push_back(ended->outcome.reason);
    }
  }
};

Scheduler one_at_a_time(EventSink& sink) {
  Bounds bounds;
  bounds.initial_concurrency = bounds.max_concurrency = 1;
  Controller::Gates gates;
  gates.law = std::make_unique<Fixed>(bounds, 0, 1);
  gates.circuit.consecutive_failures = 0;
  RetrySettings once;
  once.max_attempts = 1;
  return {Controller(std::move(gates)), Retry(once, 1), sink};
}

}  // namespace

TEST_CASE("what cannot be killed is told of, holds nothing up, and is given up at the end") {
  Heard heard;
  Scheduler scheduler = one_at_a_time(heard);
  Halt halt({});
  ListSource source({{{"300", "301"}}});
  Fields fields;
  const Template command = Template::command({"sleep"}, "{}", fields);
  Environment environment({"PATH=/usr/bin:/bin"}, 1, false);
  EngineSettings settings;
  settings.output = OutputMode::discard;
  settings.timeout = 1ms;
  settings.kill_grace = settings.kill_patience = Duration{};
  Host host;
  Engine engine(host, settings, scheduler, halt, source, command, environment, heard);
  engine.run();

  REQUIRE(heard.notes.size() == 2);
  CHECK_THAT(heard.notes[0], Catch::Matchers::StartsWith("unkillable pid "));
  CHECK(heard.seen.starts.size() == 2);
  CHECK(heard.seen.count(Fate::failed) == 2);
  CHECK(heard.reasons.back() == "timeout after 1ms, and then it could not be killed");
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}
