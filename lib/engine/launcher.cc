#include "lib/engine/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/child_files.h"

namespace gentlify {

namespace {

/// The exit status of a child that could not become its program.
constexpr int exec_failed = 127;

/// Throws Error where it cannot be opened.
Fd open_directory(const std::string& path) {
  Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory) return directory;
  throw Error(ExitCode::bad_config,
              fmt::format("--workdir {}: {}", shell_quote(path), std::strerror(errno)));
}

}  // namespace

Launcher::Launcher(Settings settings, OutputMode output, const Template& command,
                   Environment& environment)
    : settings_(std::move(settings)),
      output_(output),
      template_(command),
      environment_(environment),
      null_(::open("/dev/null", O_RDWR | O_CLOEXEC)) {
  if (!null_) throw std::system_error(errno, std::generic_category(), "/dev/null");
  if (!settings_.workdir.empty()) directory_ = open_directory(settings_.workdir);
  if (settings_.nice > 0) nice_ = std::min(19, ::getpriority(PRIO_PROCESS, 0) + settings_.nice);
  const std::optional<std::string> program = template_.fixed_program();
  if (!program) return;
  if (settings_.own_directories && program->find('/') != std::string::npos) return;
  program_ = find_program(*program, directory());
  if (program_.error == 0) return;
  throw Error(program_.error == ENOENT ? ExitCode::not_found : ExitCode::not_executable,
              fmt::format("{}: {}", shell_quote(*program),
                          program_.error == ENOENT ? "no such program" : "it is not executable"));
}

int Launcher::directory() const {
  return directory_ ? directory_.get() : AT_FDCWD;
}

/// Where the program is the same for every job it was found before the first one.
Program Launcher::find(const std::string& name, const JobOptions* own, int directory) const {
  const bool is_own = own != nullptr && !own->argv.empty();
  return is_own || program_.path.empty() ? find_program(name, directory) : program_;
}

/// The job's standard input; none: /dev/null.
Fd Launcher::input_of(const Job& job) const {
  if (job.own && job.own->input) return file_with(*job.own->input);
  if (!settings_.item_to_input) return {};
  if (!settings_.item_end) return file_with(job.item);
  std::string items;
  for (std::size_t i = 0; i < job.parts.size(); ++i) {
    items.append(job.parts[i]).push_back(*settings_.item_end);
  }
  return file_with(items);
}

bool Launcher::is_shortage(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

std::string Launcher::misfit(const Job& job) const {
  std::vector<std::string> argv;
  return template_.expand(job, 1, argv);
}

/// The directory that the job says itself, or why it cannot be opened. Throws std::system_error
/// where this machine is short of something.
Fd Launcher::open_own(const Job& job, std::string& problem) const {
  if (!job.own || job.own->directory.empty()) return {};
  const std::string& name = job.own->directory;
  Fd opened(::openat(directory(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (opened) return opened;
  if (is_shortage(errno)) throw std::system_error(errno, std::generic_category());
  problem = fmt::format("its directory {}: {}", shell_quote(name), std::strerror(errno));
  return {};
}

Launcher::Launched Launcher::launch(const Job& job, int slot) try {
  Launched launched;
  SpawnRequest& request = spawner_.next();
  launched.problem = template_.expand(job, slot, request.argv);
  if (!launched.problem.empty()) return launched;
  const Fd own_directory = open_own(job, launched.problem);
  if (!launched.problem.empty()) return launched;
  const Program found =
      find(request.argv.front(), job.own.get(), own_directory ? own_directory.get() : directory());
  launched.missing_program = found.error;
  if (found.error != 0) return launched;
  request.path = found.path;
  environment_.fill(job, slot, request.environment);
  const bool inherits = output_ == OutputMode::inherit;
  const bool discards = output_ == OutputMode::discard;
  PipeEnds out;
  PipeEnds err;
  PipeEnds report;
  if ((!inherits && ((!discards && !out.open()) || !err.open())) ||
      (settings_.reports && !report.open())) {
    launched.child.error = errno;
    return launched;
  }
  const Fd input = input_of(job);
  request.in = input ? input.get() : null_.get();
  request.out = inherits ? 1 : discards ? null_.get() : out.write.get();
  request.err = inherits ? 2 : err.write.get();
  request.report = report.write.get();
  request.alive = settings_.alive;
  request.open_files = settings_.open_files;
  request.directory = own_directory ? own_directory.get() : directory_.get();
  request.nice = nice_;
  launched.child = spawner_.spawn();
  launched.pipes = {std::move(out.read), std::move(err.read), std::move(report.read)};
  return launched;
} catch (const std::bad_alloc&) {
  Launched none;
  none.child.error = ENOMEM;
  return none;
} catch (const std::system_error& error) {
  Launched none;
  if (!is_shortage(error.code().value())) {
    none.problem = "it cannot be started: " + error.code().message();
    return none;
  }
  none.child.error = error.code().value();
  return none;
}

Exit Launcher::end_of(pid_t pid, const Exit& exit) {
  if (exit.kind != Exit::Kind::code || exit.value != exec_failed) return exit;
  const int error = spawner_.exec_error(pid);
  return error == 0 ? exit : Exit{Exit::Kind::unstarted, error};
}

}  // namespace gentlify
