// gentlify's main: parse, merge, run, exit code. The only place that prints errors.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "cli/commands/check.h"
#include "cli/commands/ctl.h"
#include "cli/commands/dry_run.h"
#include "cli/commands/presets.h"
#include "cli/commands/push.h"
#include "cli/commands/report.h"
#include "cli/commands/run.h"
#include "cli/commands/simulate.h"
#include "cli/config.h"
#include "cli/generate.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/records.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/engine/signals.h"

namespace {

using namespace gentlify;

/// A standard descriptor that is closed would be taken by the next file we open, and jobs would
/// write into it. A stand-in takes its number; reading or writing it fails as before.
void fill_standard_fds() {
  for (int fd = 0; fd < 3; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_PATH);
  }
}

/// Descriptors that we were given without having asked for them are nothing to our jobs.
void keep_inherited_fds_to_ourselves() {
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/// But for those that the user wants them to have.
void pass_on(const std::vector<std::string>& descriptors) {
  for (const std::string& text : descriptors) {
    const int fd = *parse_descriptor(text);
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0) {
      throw Error(ExitCode::usage,
                  fmt::format("--pass-fd {0}: no descriptor {0} was given to gentlify", fd));
    }
    ::fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
}

/// What is not there now would be a number that one of our own files takes.
void check_event_descriptor(const std::string& target) {
  const std::optional<int> fd = event_descriptor(target);
  if (!fd || ::fcntl(*fd, F_GETFD) >= 0) return;
  throw Error(ExitCode::usage,
              fmt::format("--events {}: no descriptor {} was given to gentlify", target, *fd));
}

/// Where nobody can be told there is nothing more to do: the exit code tells.
void print_error(std::string_view sentence) {
  const std::string line = fmt::format("gentlify: {}\n", sentence);
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

/// Prints what was asked for instead of a run.
Ending print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return {};
  }
  return {ExitCode::output_failed, 0, "standard output cannot be written"};
}

Ending act(const Options& options, std::vector<std::string> words) {
  if (options.help) return print(help(options.verb));
  if (options.version) return print(version());
  if (options.verb == Options::Verb::generate) return print(generate(options.command));
  if (options.verb == Options::Verb::presets) return print(presets(options, environ));
  if (options.verb == Options::Verb::report) return print(report(options));
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (options.verb == Options::Verb::check) return print(check(options, environ, cores));
  Config config = load_config(options, environ, cores);
  if (options.print_config) return print(show(config));
  if (options.verb == Options::Verb::ctl) return print(ctl(options, config.settings));
  if (options.verb == Options::Verb::simulate) {
    return print(simulate(options, config.settings, cores));
  }
  RunRequest request;
  request.invocation = std::move(words);
  request.flag_words = options.flag_words;
  request.changed_settings = changed_settings(config);
  request.pretend = options.pretend;
  request.job_environment = job_environment(options, config.settings, environ);
  request.settings = std::move(config.settings);
  request.command = options.command;
  if (!options.lists.empty()) request.lists = options.lists;
  if (options.verb == Options::Verb::push) return push(options, std::move(request));
  if (request.settings.dry_run) return dry_run(std::move(request), cores);
  pass_on(request.settings.pass_fd);
  check_event_descriptor(request.settings.events);
  check_outputs(request);
  // It may wait for a header. A signal that ends runs shall end that, and no other.
  for (const int signal : {SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
  Plan plan = make_plan(request, cores);
  for (const int signal : {SIGUSR1, SIGUSR2}) std::signal(signal, SIG_DFL);
  guard({leftover_of(request.settings), request.settings.fleet_strict});
  return run(std::move(request), std::move(plan), cores);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_fds();
  keep_inherited_fds_to_ourselves();
  Ending ending;
  try {
    ending = act(parse_options(argc, argv), {argv, argv + argc});
  } catch (const Error& error) {
    ending = {error.code(), 0, error.what()};
  } catch (const std::system_error& error) {
    const int cause = error.code().value();
    const bool shortage =
        cause == EMFILE || cause == ENFILE || cause == ENOMEM || cause == ENOSPC || cause == EAGAIN;
    ending = {shortage ? ExitCode::cannot_fork : ExitCode::internal_error, 0,
              fmt::format("cannot start: {}", error.what())};
  } catch (const std::bad_alloc&) {
    ending = {ExitCode::cannot_fork, 0, "out of memory; what ran is lost"};
  } catch (const std::exception& error) {
    ending = {ExitCode::internal_error, 0,
              fmt::format("internal error: {}; please report it", error.what())};
  }
  if (!ending.error.empty()) print_error(ending.error);
  if (ending.signal != 0) die_of(ending.signal);
  return static_cast<int>(ending.code);
}
