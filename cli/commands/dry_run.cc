#include "cli/commands/dry_run.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "lib/core/text.h"
#include "lib/engine/engine.h"

namespace gentlify {

namespace {

/// With so much waiting for its reader no further job is shown.
constexpr std::uint64_t output_limit = 1 << 20;

/// Writes until no more than `most` bytes wait.
void write_out(Host& host, std::uint64_t most) {
  Console& console = host.console;
  for (console.flush(); console.pending() > most; console.flush()) host.io.run_one();
}

/// False where the job can never be run.
bool show(const Job& job, const Template& command, Console& console) {
  std::vector<std::string> argv;
  const std::string problem = job.defect.empty() ? command.expand(job, 1, argv) : job.defect;
  if (problem.empty()) {
    console.out(command.describe(job) + '\n');
  } else {
    console.say(fmt::format("job {} cannot be run: {}", number(job.id), problem));
  }
  return problem.empty();
}

}  // namespace

Ending dry_run(RunRequest request, int cores) {
  const Plan plan = make_plan(request, cores);
  const Template& command = plan.command;
  const std::unique_ptr<Source>& source = plan.source;
  Host host;
  if (!request.settings.journal.empty() && !request.settings.quiet) {
    host.console.say("--dry-run does not look into the journal: it shows jobs that are done, too");
  }
  source->attach(host.watch);
  Ending ending;
  std::uint64_t items = 0;
  for (Source::Read read{}; read != Source::Read::end && host.console.output_error() == 0;) {
    Job job;
    read = source->next(job);
    if (read == Source::Read::item) {
      job.id = JobId{++items};
      if (!show(job, command, host.console)) ending.code = ExitCode::failed_jobs;
      if (host.console.pending() > output_limit) write_out(host, output_limit);
    } else if (read == Source::Read::wait) {
      host.console.flush();
      host.io.run_one();
    }
  }
  source->detach();
  write_out(host, 0);
  if (host.console.output_error() == EPIPE) return {ExitCode::ok, SIGPIPE, {}};
  if (host.console.output_error() != 0) {
    return {ExitCode::output_failed, 0,
            fmt::format("standard output cannot be written ({})",
                        std::strerror(host.console.output_error()))};
  }
  if (!source->error().empty()) return {ExitCode::no_input, 0, source->error()};
  return ending;
}

}  // namespace gentlify
