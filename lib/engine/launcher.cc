#include "lib/engine/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// The exit status of a child that could not become its program.
constexpr int exec_failed = 127;

struct PipeEnds {
  Fd read, write;

  /// Makes the pipe; false and errno where there is none to be had. Our end does not block: an
  /// event is a hint, and what it told of may have been read at the child's end, in the same round.
  /// The child's end is another open file, and blocks.
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return ::fcntl(ends[0], F_SETFL, O_RDONLY | O_NONBLOCK) == 0;
  }
};

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
  program_ = find_program(*program, directory());
  if (program_.error == 0) return;
  throw Error(program_.error == ENOENT ? ExitCode::not_found : ExitCode::not_executable,
              fmt::format("{}: {}", shell_quote(*program),
                          program_.error == ENOENT ? "no such program" : "it is not executable"));
}

int Launcher::directory() const {
  return directory_ ? directory_.get() : AT_FDCWD;
}

bool Launcher::is_shortage(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

Launcher::Launched Launcher::launch(const Job& job, int slot) try {
  Launched launched;
  SpawnRequest& request = spawner_.next();
  launched.problem = template_.expand(job, slot, request.argv);
  if (!launched.problem.empty()) return launched;
  const Program found =
      program_.path.empty() ? find_program(request.argv.front(), directory()) : program_;
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
  request.in = null_.get();
  request.out = inherits ? 1 : discards ? null_.get() : out.write.get();
  request.err = inherits ? 2 : err.write.get();
  request.report = report.write.get();
  request.open_files = settings_.open_files;
  request.directory = directory_.get();
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
  none.child.error = error.code().value();
  return none;
}

Exit Launcher::end_of(pid_t pid, const Exit& exit) {
  if (exit.kind != Exit::Kind::code || exit.value != exec_failed) return exit;
  const int error = spawner_.exec_error(pid);
  return error == 0 ? exit : Exit{Exit::Kind::unstarted, error};
}

}  // namespace gentlify
