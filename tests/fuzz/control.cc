// Requests to a run: whatever comes, in whatever pieces, is answered with one of a few codes and
// plain text, or sent away; and what an answer may be is never taken for more than it is.
#include <algorithm>
#include <string>

#include "cli/commands/run.h"
#include "cli/config.h"
#include "cli/control_settings.h"
#include "cli/steering.h"
#include "lib/engine/clock.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

constexpr const char* no_environment[] = {nullptr};

class Deaf : public EventSink {
 public:
  void on_event(const Event&, TimePoint) override {}
};

RunRequest make_request() {
  Options options;
  options.command = {"true"};
  RunRequest request;
  request.settings = load_config(options, no_environment, /*cores=*/4).settings;
  request.command = options.command;
  request.lists = {{{"a", "b"}, false}};
  return request;
}

/// A run that has not begun.
struct Run {
  RunRequest request = make_request();
  Plan plan = make_plan(request, 4);
  Host host;
  Deaf deaf;
  Progress progress{monotonic_now()};
  Halt halt{{}};
  Scheduler scheduler{make_controller(request.settings, 4, 1), make_retry(request.settings, 1),
                      deaf};
  StatusLine status{host.console, progress, scheduler, *plan.source, {}};
  Environment environment{{}, 1, false};
  Engine engine{host, {}, scheduler, halt, *plan.source, plan.command, environment, status};
  Steering steering{{request, 4, 1000, 1, engine, scheduler, progress, status, plan.command}};
};

void check(const control::Answer& answer, std::string_view request) {
  using enum ExitCode;
  require(answer.code == ok || answer.code == failed_jobs || answer.code == usage, "its code",
          request);
  const auto words = control::words_of(request);
  const bool may_be_empty = !words.empty() && words.front() == "jobs";
  require(!answer.text.empty() || may_be_empty, "it says something", request);
  require(std::all_of(answer.text.begin(), answer.text.end(),
                      [](unsigned char c) { return c == '\n' || c == '\t' || c >= ' '; }),
          "it is plain text", answer.text);
  const control::Received received = control::receive(control::to_bytes(answer));
  require(received.state == control::Received::State::whole &&
              received.answer.code == answer.code && received.answer.text == answer.text,
          "it comes over", answer.text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  control::receive(bytes);
  const std::size_t piece = 1 + fuzz::take_choice(bytes);
  Run run;
  std::string received;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    received += part;
    if (!control::is_text(received)) break;
    while (const auto request = control::take_request(received)) {
      check(run.steering.answer(*request), *request);
      require(run.scheduler.limit() >= 1, "the limit is at least 1", *request);
    }
  }
  return 0;
}
