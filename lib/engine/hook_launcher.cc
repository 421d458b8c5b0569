#include "lib/engine/hook_launcher.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/child_files.h"
#include "lib/engine/program.h"

namespace gentlify {

std::vector<std::string> fields_of(const Job& job) {
  std::vector<std::string> fields;
  if (!job.defect.empty()) return fields;
  for (std::size_t i = 0; i < job.parts.size(); ++i) fields.emplace_back(job.parts[i]);
  if (job.parts.empty()) fields.push_back(job.item);
  const bool fit = std::all_of(fields.begin(), fields.end(), [](const std::string& field) {
    return field.size() <= largest_argument && field.find('\0') == std::string::npos;
  });
  if (!fit) fields.clear();
  return fields;
}

HookLauncher::HookLauncher(std::string shell, Launcher::Settings jobs, Environment& environment)
    : shell_(std::move(shell)),
      settings_(std::move(jobs)),
      environment_(environment),
      null_(::open("/dev/null", O_RDWR | O_CLOEXEC)) {
  if (!null_) throw std::system_error(errno, std::generic_category(), "/dev/null");
  if (!settings_.workdir.empty()) {
    directory_.reset(::open(settings_.workdir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory_) {
      throw Error(
          ExitCode::bad_config,
          fmt::format("--workdir {}: {}", shell_quote(settings_.workdir), std::strerror(errno)));
    }
  }
  if (settings_.nice > 0) nice_ = std::min(19, ::getpriority(PRIO_PROCESS, 0) + settings_.nice);
  const Program program = find_program(shell_, directory_ ? directory_.get() : AT_FDCWD);
  path_ = program.path;
  if (program.error == 0) return;
  throw Error(program.error == ENOENT ? ExitCode::not_found : ExitCode::not_executable,
              fmt::format("{}: {}; hooks are command lines for it", shell_quote(shell_),
                          program.error == ENOENT ? "no such program" : "it is not executable"));
}

/// The directory that the job says itself. Throws std::system_error where this machine is short of
/// something.
Fd HookLauncher::open_own(const Job* job, std::string& problem) const {
  if (job == nullptr || !job->own || job->own->directory.empty()) return {};
  const std::string& name = job->own->directory;
  Fd opened(::openat(directory_ ? directory_.get() : AT_FDCWD, name.c_str(),
                     O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (opened) return opened;
  if (Launcher::is_shortage(errno)) throw std::system_error(errno, std::generic_category());
  problem = fmt::format("the job's directory {}: {}", shell_quote(name), std::strerror(errno));
  return {};
}

Launcher::Launched HookLauncher::launch(const Call& call) try {
  return try_launch(call);
} catch (const std::bad_alloc&) {
  Launcher::Launched none;
  none.child.error = ENOMEM;
  return none;
} catch (const std::system_error& error) {
  Launcher::Launched none;
  none.child.error = error.code().value();
  return none;
}

Launcher::Launched HookLauncher::try_launch(const Call& call) {
  Launcher::Launched launched;
  SpawnRequest& request = spawner_.next();
  const Fd own_directory = open_own(call.job, launched.problem);
  if (!launched.problem.empty()) return launched;
  request.path = path_;
  request.argv = {shell_, "-c", "--", call.command, shell_};
  if (call.job == nullptr) {
    environment_.fill(request.environment);
  } else {
    for (std::string& field : fields_of(*call.job)) request.argv.push_back(std::move(field));
    environment_.fill(*call.job, 0, request.environment);
  }
  const bool inherits = call.output == OutputMode::inherit;
  const bool discards = call.output == OutputMode::discard;
  PipeEnds out;
  PipeEnds err;
  if (!inherits && ((!discards && !out.open()) || !err.open())) {
    launched.child.error = errno;
    return launched;
  }
  const Fd input = file_with(call.input);
  request.in = input.get();
  request.out = inherits ? 1 : discards ? null_.get() : out.write.get();
  request.err = inherits ? 2 : err.write.get();
  request.report = -1;
  request.alive = settings_.alive;
  request.open_files = settings_.open_files;
  request.directory = own_directory ? own_directory.get() : directory_.get();
  request.nice = nice_;
  launched.child = spawner_.spawn();
  launched.pipes = {std::move(out.read), std::move(err.read), {}};
  return launched;
}

Exit HookLauncher::end_of(pid_t pid, const Exit& exit) {
  constexpr int exec_failed = 127;
  if (exit.kind != Exit::Kind::code || exit.value != exec_failed) return exit;
  const int error = spawner_.exec_error(pid);
  return error == 0 ? exit : Exit{Exit::Kind::unstarted, error};
}

}  // namespace gentlify
