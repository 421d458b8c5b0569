#include "lib/engine/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

struct PipeEnds {
  Fd read, write;

  /// Makes the pipe; false and errno where there is none to be had.
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
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

bool Launcher::is_shortage(const Spawned& child) {
  if (child.result == Spawned::Result::no_child) return true;
  return child.result == Spawned::Result::no_exec && is_shortage(child.error);
}

Launcher::Launched Launcher::launch(const Job& job, int slot) {
  Launched launched;
  launched.problem = template_.expand(job, slot, argv_);
  if (!launched.problem.empty()) return launched;
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
  const int job_out = inherits ? 1 : discards ? null_.get() : out.write.get();
  launched.child =
      spawn_job(job, slot, job_out, inherits ? 2 : err.write.get(), report.write.get());
  launched.pipes = {std::move(out.read), std::move(err.read), std::move(report.read)};
  return launched;
}

Spawned Launcher::spawn_job(const Job& job, int slot, int out, int err, int report) {
  Program found;
  if (program_.path.empty()) {
    found = find_program(argv_.front(), directory());
    if (found.error != 0) {
      Spawned none;
      none.result = Spawned::Result::no_exec;
      none.error = found.error;
      return none;
    }
  }
  const std::string& path = program_.path.empty() ? found.path : program_.path;
  argv_pointers_.clear();
  for (std::string& word : argv_) argv_pointers_.push_back(word.data());
  argv_pointers_.push_back(nullptr);
  SpawnRequest request;
  request.path = path.c_str();
  request.argv = argv_pointers_.data();
  request.envp = environment_.of(job, slot);
  request.in = null_.get();
  request.out = out;
  request.err = err;
  request.report = report;
  request.open_files = settings_.open_files;
  request.directory = directory_.get();
  request.nice = nice_;
  Spawned child = spawn(request);
  if (child.result != Spawned::Result::no_exec || child.error != ENOEXEC) return child;
  // A script without "#!" runs through the shell, as with execvp.
  std::string shell = "/bin/sh";
  std::string script = path;
  argv_pointers_.front() = script.data();
  argv_pointers_.insert(argv_pointers_.begin(), shell.data());
  request.path = shell.c_str();
  request.argv = argv_pointers_.data();
  return spawn(request);
}

}  // namespace gentlify
