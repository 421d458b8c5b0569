#include "cli/commands/run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "cli/annotations.h"
#include "cli/control_settings.h"
#include "cli/end_files.h"
#include "cli/fleet_run.h"
#include "cli/hooks.h"
#include "cli/journaling.h"
#include "cli/metered_display.h"
#include "cli/records.h"
#include "cli/request.h"
#include "cli/run_pages.h"
#include "cli/status_line.h"
#include "cli/steering.h"
#include "cli/summary.h"
#include "cli/values.h"
#include "cli/version.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/engine.h"
#include "lib/record/failed_jobs.h"
#include "lib/record/metrics.h"

namespace gentlify {

namespace {

/// How long the summary waits for a reader of stderr that is slow or has stopped.
constexpr Duration patience = std::chrono::seconds(2);
constexpr Duration short_patience = std::chrono::milliseconds(100);

/// The soft limit of descriptors is there for programs that use select(2): it is raised for us, and
/// jobs get the old one back. Returns what they get; nothing where nothing was changed.
std::optional<rlimit> raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return {};
  const rlimit before = limit;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return before;
}

/// How many jobs the descriptors are enough for: one each for its end, each pipe and file. Where
/// they are enough for a few only, trying tells better.
int most_jobs(const Settings& s) {
  constexpr rlim_t ours = 32;
  constexpr rlim_t few = 8;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  const rlim_t each =
      1U + (s.output == "inherit" ? 0U : 2U) + (s.report ? 1U : 0U) + (s.results.empty() ? 0U : 2U);
  const rlim_t with_fallback = s.fallback.empty() ? each : 2 * each;
  const rlim_t jobs = limit.rlim_cur > ours ? (limit.rlim_cur - ours) / with_fallback : 0;
  return static_cast<int>(std::clamp<rlim_t>(jobs, few, std::numeric_limits<int>::max()));
}

/// The limit that the settings ask for, as far as this machine goes. Without one, trying tells.
void clamp_jobs(Settings& s, int cores, Console& console) {
  const int asked = bounds_of(s, cores).max_concurrency;
  const int most = most_jobs(s);
  if (asked <= most || asked == no_cap) return;
  s.max_concurrency = {most, Concurrency::Unit::absolute};
  s.min_concurrency = std::min(s.min_concurrency, most);
  s.initial_concurrency = std::min(s.initial_concurrency, most);
  if (s.quiet) return;
  console.say(fmt::format(
      "at most {} of the {} jobs asked for run at once: for more there are not enough descriptors "
      "(raise the hard limit, ulimit -Hn)",
      most, asked));
}

bool wants_color(const Settings& s, const Console& console) {
  if (s.color != "auto") return s.color == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return console.error_is_terminal() && (no_color == nullptr || *no_color == '\0');
}

/// The items are to be typed by a person, who may have expected something else.
bool reads_terminal(const RunRequest& request) {
  const std::vector<std::string>& files = request.settings.input;
  const bool standard = files.empty() || std::find(files.begin(), files.end(), "-") != files.end();
  const bool pushed = request.settings.fleet_jobs == "stream";
  return !request.lists && !pushed && !request.settings.quiet && standard &&
         ::isatty(STDIN_FILENO) == 1;
}

/// The status line may be redrawn: nobody else writes on the terminal, neither the jobs themselves,
/// nor a program that reads our output and passes it on, nor a person who types items.
bool has_terminal_to_itself(const RunRequest& request, const Console& console) {
  struct stat out {};
  const bool passed_on =
      ::fstat(STDOUT_FILENO, &out) == 0 && (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
  return console.error_is_terminal() && !passed_on && request.settings.output != "inherit" &&
         !reads_terminal(request) && std::getenv("CI") == nullptr;
}

/// Characters beyond ASCII can be shown.
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    return locale.find("UTF-8") != std::string_view::npos ||
           locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

StatusLine::Options status_options(const RunRequest& request, const Console& console) {
  const Settings& s = request.settings;
  using Mode = StatusLine::Options::Mode;
  StatusLine::Options options;
  options.milestones = s.milestones;
  options.look = {wants_color(s, console), speaks_utf8()};
  options.total_told = s.total_tasks;
  if (s.quiet || s.progress == "none") {
    options.mode = Mode::none;
  } else if (s.progress == "json") {
    options.mode = Mode::json;
  } else if (s.progress == "auto") {
    options.mode = has_terminal_to_itself(request, console) ? Mode::bar : Mode::milestones;
  } else {
    const bool bar = s.progress == "bar" && console.error_is_terminal();
    options.mode = bar ? Mode::bar : Mode::milestones;
  }
  return options;
}

/// `gentlify 'tr a b < {}'` is what a shell's user types, and names no program.
void refuse_shell_line(const std::vector<std::string>& command) {
  if (command.size() != 1 || command.front().find(' ') == std::string::npos) return;
  if (find_program(command.front()).error == 0) return;
  throw Error(
      ExitCode::not_found,
      fmt::format("{}: no such program; no shell reads a command, so write its words apart, "
                  "or sh -c '...' sh {{}}, or leave it out and give whole command lines",
                  shell_quote(command.front())));
}

Ending lost_record(const Halt& halt, const Journaling& journaling) {
  const std::string_view all =
      journaling.is_complete() ? "though all that ran is in it" : "and it lacks jobs that ran";
  return {ExitCode::output_failed, 0,
          fmt::format("{}: nothing more was started, {}", halt.lost_record(), all)};
}

int exit_of(const Ending& ending) {
  return ending.signal != 0 ? signal_base + ending.signal : static_cast<int>(ending.code);
}

/// What was found in the journal.
void tell_of_journal(const Plan& plan, const Journaling& journaling, Console& console) {
  if (!plan.journal) return;
  for (const std::string& note : plan.journal->notes) console.say(note);
  const std::string greeting = journaling.greeting();
  if (!greeting.empty()) console.say(greeting);
}

/// The exit code: the first reason that applies.
Ending ending_of(const Engine::Result& result, const Source& source, const Progress& progress,
                 const Halt& halt, const Journaling& journaling, const std::string& results,
                 bool unfinished) {
  Ending ending;
  if (result.output_error != 0 && result.output_error != EPIPE) {
    ending.code = ExitCode::output_failed;
    ending.error = fmt::format(
        "standard output cannot be written ({}): nothing more was started, and output "
        "of jobs that ended is lost",
        std::strerror(result.output_error));
    return ending;
  }
  if (result.results_error != 0) {
    ending.code = ExitCode::output_failed;
    ending.error = fmt::format(
        "--results {}: {}: nothing more was started, and files of jobs that ran lack something",
        shell_quote(results), std::strerror(result.results_error));
    return ending;
  }
  if (!halt.lost_record().empty()) return lost_record(halt, journaling);
  if (result.signal != 0 && (unfinished || result.signal == SIGPIPE)) {
    ending.signal = result.signal;
  } else if (halt.reason() == Halt::Reason::circuit_stays_open && unfinished) {
    ending.code = ExitCode::try_later;
    ending.error = fmt::format("{}: the service is away; try again later", halt.why());
  } else if (result.start_error != 0 && unfinished) {
    ending.code = ExitCode::cannot_fork;
    ending.error = fmt::format(
        "no job could be started for 30 s: {}; free some memory, processes "
        "or descriptors, or lower --jobs",
        std::strerror(result.start_error));
  } else if (const std::string mismatch = journaling.mismatch(); !mismatch.empty()) {
    ending.code = ExitCode::bad_data;
    ending.error = mismatch;
  } else if (!source.error().empty()) {
    ending.code = ExitCode::no_input;
    ending.error = source.error() + "; the items before that were run";
  } else if (progress.failed() > 0 || journaling.failed_before() > 0 ||
             (halt.reason() != Halt::Reason::none && unfinished)) {
    ending.code = ExitCode::failed_jobs;
  }
  return ending;
}

RunEnd end_of(const Settings& s, const Progress& progress, const RunFacts& facts,
              const Ending& ending) {
  RunEnd end;
  end.version = version_text;
  end.labels = labels_of(s);
  end.ran = facts.end - progress.start();
  end.succeeded = progress.succeeded();
  end.saved = progress.saved();
  end.failed = progress.failed();
  end.unfinished = progress.stopped();
  end.not_started = facts.not_started;
  end.more_may_follow = facts.more_may_follow;
  end.attempts = progress.attempts();
  end.repeated = progress.repeated();
  end.cuts = progress.cuts();
  end.waited = facts.waited;
  end.halted = facts.halted;
  end.exit = exit_of(ending);
  end.signal = ending.signal;
  end.error = ending.error;
  return end;
}

/// A file that tells of the end could not be written, which goes before all but output that is
/// lost.
void add_problem(Ending& ending, const std::string& problem) {
  if (problem.empty()) return;
  const std::string earlier = ending.error.empty() ? "" : ending.error + "; and ";
  ending = {ExitCode::output_failed, 0, earlier + problem};
}

EngineSettings engine_settings(const Settings& s, const Plan& plan,
                               const std::optional<rlimit>& job_open_files) {
  EngineSettings settings;
  settings.output = s.output == "inherit"   ? OutputMode::inherit
                    : s.output == "line"    ? OutputMode::line
                    : s.output == "discard" ? OutputMode::discard
                                            : OutputMode::group;
  settings.tag = plan.tag;
  settings.keep_order = s.keep_order;
  settings.all_attempts = s.all_attempts;
  settings.results = s.results;
  settings.exits = {s.success_exit, s.overload_exit, s.permanent_exit};
  settings.patterns = {s.overload_match, s.retry_after_match, s.cost_match};
  settings.launch.reports = s.report;
  settings.timeout = s.timeout;
  settings.drain_timeout = s.drain_timeout;
  settings.kill_grace = s.kill_grace;
  settings.leftover = leftover_of(s);
  settings.launch.workdir = s.workdir;
  settings.launch.nice = s.nice;
  settings.launch.item_to_input = s.stdin_item;
  if (s.max_items > 1) settings.launch.item_end = item_end(s);
  settings.launch.own_directories = s.jsonl;
  settings.cost = s.cost;
  settings.goes_on = plan.journal && plan.journal->head.session > 1;
  if (plan.journal && settings.leftover != Leftover::keep) {
    settings.launch.alive = plan.journal->file.alive();
  }
  settings.pressure.load = s.load;
  settings.pressure.memory = s.memory_pressure;
  settings.launch.open_files = job_open_files;
  return settings;
}

}  // namespace

Leftover leftover_of(const Settings& s) {
  if (s.leftover == "wait") return Leftover::wait;
  return s.leftover == "keep" ? Leftover::keep : Leftover::kill;
}

Ending run(RunRequest request, Plan plan, int cores) {
  refuse_shell_line(request.command);
  Settings& s = request.settings;
  const std::uint64_t seed = random_number();
  const Template& command = plan.command;
  const std::unique_ptr<Source>& source = plan.source;
  const std::uint64_t run_id = plan.journal ? plan.journal->head.run : random_number();
  Environment environment(request.job_environment, run_id, s.report);

  const std::optional<rlimit> job_open_files = raise_open_files();
  Host host;
  host.spool.set_file_limit(s.spool_max);
  clamp_jobs(s, cores, host.console);
  EndFiles end_files(s, [&](const std::string& sentence) {
    if (!s.quiet) host.console.say(sentence);
  });
  Progress progress(monotonic_now());
  const auto started = wall_now();
  tell_limits(s, cores, progress);
  FailedJobs failures([&](const Job& job) { return command.describe(job); });
  Halt halt({s.halt, s.circuit_breaker_on_open == "abort", s.circuit_breaker_max_open});
  Broadcast listeners;
  listeners.add(progress);
  listeners.add(halt);
  FleetRun fleet(s);
  Scheduler scheduler(make_controller(s, cores, seed, fleet.permits()), make_retry(s, seed),
                      listeners);
  StatusLine status(host.console, progress, scheduler, *source,
                    status_options(request, host.console));
  listeners.add(status);
  listeners.add(failures);
  Metrics metrics(labels_of(s), progress, scheduler, wall_now);
  listeners.add(metrics);
  MeteredDisplay display(status, metrics, s.metrics, halt);

  EngineSettings settings = engine_settings(s, plan, job_open_files);
  settings.pretend = request.pretend;
  RunHooks hooks(request, plan, run_id, host, settings.launch, bounds_of(s, cores).max_concurrency,
                 display);
  Engine engine(host, settings, scheduler, halt, *source, command, environment, display);
  hooks.join(engine, scheduler);
  listeners.add(engine);
  listeners.add(hooks);
  // It can be refused, and records would say that a run began.
  Steering steering(
      {request, cores, most_jobs(s), run_id, engine, scheduler, progress, status, command});
  steering.listen(host);
  fleet.join(plan, host, engine, scheduler, listeners);
  RunPages pages(request, plan, run_id, host, metrics, status);
  listeners.add(pages);
  Records records(request, plan, halt, host.console, progress.start(), listeners);
  Journaling journaling(request, plan, run_id, host, halt, listeners, engine);
  if (!s.quiet) tell_of_journal(plan, journaling, host.console);
  if (reads_terminal(request)) {
    host.console.say("reading items from the terminal, one a line; Ctrl-D ends them");
  }
  const Engine::Result result = engine.run();
  fleet.leave(host);
  steering.close();
  pages.close();
  display.close();
  const std::uint64_t not_started = result.not_read + (result.taken - progress.seen());
  const bool unfinished = not_started > 0 || progress.stopped() > 0 || !result.input_complete;
  const RunFacts facts{monotonic_now(),
                       not_started,
                       !result.input_complete,
                       scheduler.waited(),
                       unfinished ? halt.why() : std::string(),
                       journaling.failed_before(),
                       journaling.resume_command(unfinished, progress.failed() > 0)};
  if (!s.quiet) {
    for (const std::string& line : summary_lines(progress, facts, failures)) host.console.say(line);
    for (const std::string& line : annotations(failures)) host.console.line(line);
  }
  status.finish(facts.end);
  host.flush(result.killed ? short_patience : patience);
  Ending ending = ending_of(result, *source, progress, halt, journaling, s.results, unfinished);
  if (const auto ended = fleet.ending(unfinished); ended && ending.signal == 0) ending = *ended;
  // Of another list nothing was run, and nothing is left.
  if (journaling.mismatch().empty()) {
    add_problem(ending, records.write_not_done(*source, result.killed));
  }
  const bool was_lost = !halt.lost_record().empty();
  journaling.close(exit_of(ending), result.killed ? short_patience : patience);
  if (!was_lost && !halt.lost_record().empty()) add_problem(ending, halt.lost_record());
  RunEnd end = end_of(s, progress, facts, ending);
  end.started = started;
  end.ended = wall_now();
  end.failures = failures.entries();
  add_problem(ending, end_files.write(end));
  for (const std::string& complaint : hooks.close(exit_of(ending))) {
    if (!s.quiet) host.console.say(complaint);
  }
  host.flush(short_patience);
  return ending;
}

}  // namespace gentlify
