#include "cli/commands/push.h"

#include <fmt/format.h>

#include <memory>

#include "lib/core/digest.h"
#include "lib/core/text.h"
#include "lib/engine/engine.h"
#include "lib/fleet/push.h"

namespace gentlify {

namespace {

constexpr std::chrono::milliseconds patience = std::chrono::seconds(10);

void check(const Options& options, const RunRequest& request) {
  const Settings& s = request.settings;
  const auto refuse = [](const std::string& sentence) { throw Error(ExitCode::usage, sentence); };
  if (s.fleet.empty()) refuse("push needs to know which fleet has the list: --fleet URL");
  if (!options.command.empty()) {
    refuse(
        fmt::format("push takes no COMMAND, and {} looks like one: the runs that take the jobs "
                    "have it; items follow :::",
                    shell_quote(options.command.front())));
  }
  if (s.header) refuse("push takes no --header: a job that is pushed stands by itself");
  if (s.max_items > 1) refuse("push takes no --max-items: each item is a job");
  if (options.lists.size() > 1) refuse("push takes one list of items after :::");
}

/// The next item, which is waited for, and then the hosts have those before it; false at the end.
bool next(Source& source, fleet::Push& list, Host& host, Job& job) {
  for (;;) {
    switch (source.next(job)) {
      case Source::Read::item: return true;
      case Source::Read::end: return false;
      case Source::Read::wait:
        list.flush();
        host.io.run_one();
        break;
      case Source::Read::more: break;
    }
  }
}

std::string defect_of(const Job& job) {
  if (!job.defect.empty() || job.item.size() <= fleet::Push::longest_item) return job.defect;
  return fmt::format("it has {} bytes, and no job that is pushed may have more than {}",
                     job.item.size(), fleet::Push::longest_item);
}

}  // namespace

Ending push(const Options& options, RunRequest request) {
  check(options, request);
  const bool quiet = request.settings.quiet;
  // Without items, --end is all that is asked for where nobody can have piped any in.
  const bool only_end = options.end_list && !request.lists && request.settings.input.empty() &&
                        ::isatty(STDIN_FILENO) == 1;
  fleet::Push list(fleet::parse_address(request.settings.fleet), hex(random_number()), patience);
  Host host;
  std::string problem;
  if (!only_end) {
    const std::unique_ptr<Source> source = open_input(request);
    source->attach(host.watch);
    std::uint64_t items = 0;
    for (Job job; problem.empty() && next(*source, list, host, job); job = {}) {
      ++items;
      if (const std::string defect = defect_of(job); !defect.empty()) {
        problem = fmt::format("item {} cannot be pushed: {}", items, defect);
      } else {
        list.add(job.item);
      }
    }
    source->detach();
    if (problem.empty()) problem = source->error();
  }
  list.finish(options.end_list && problem.empty());
  if (!problem.empty()) {
    return {ExitCode::bad_data, 0,
            fmt::format("{}; {} before that pushed", problem, counted(list.pushed(), "job"))};
  }
  if (!quiet) {
    host.console.say(fmt::format("{} pushed, {} in all{}", counted(list.pushed(), "job"),
                                 list.total(), options.end_list ? "; the list has ended" : ""));
    host.flush(std::chrono::seconds(2));
  }
  return {};
}

}  // namespace gentlify
