// Starts jobs: from a job to its argv, its program, its environment, and a child with its pipes.
#pragma once

#include <sys/resource.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/core/job.h"
#include "lib/core/outcome.h"
#include "lib/engine/environment.h"
#include "lib/engine/output.h"
#include "lib/engine/process.h"
#include "lib/engine/program.h"
#include "lib/engine/spawn.h"
#include "lib/engine/template.h"

namespace gentlify {

class Launcher {
 public:
  struct Settings {
    bool reports = false;                   ///< jobs get a pipe for reports
    std::optional<rlimit> open_files = {};  ///< the RLIMIT_NOFILE that jobs get; none: ours
    std::string workdir = {};               ///< of the jobs; empty: ours
    int nice = 0;                           ///< 0..19, added to ours for the jobs
    bool item_to_input = false;             ///< jobs find their item on standard input
    std::optional<char> item_end = {};      ///< there it comes with this at its end
    int alive = -1;                         ///< a descriptor that every process of the run has
    bool own_directories = false;           ///< an item may say where its job runs
  };

  /// Throws Error where the program, being the same for every job, or the directory is not there.
  Launcher(Settings settings, OutputMode output, const Template& command, Environment& environment);

  struct Launched {
    Spawned child;
    Process::Pipes pipes;
    std::string problem;      ///< not empty: the job can never be run, and no child was tried
    int missing_program = 0;  ///< not 0: an errno, and no child was tried
  };
  Launched launch(const Job& job, int slot);
  /// Why no command can be made of the job; empty: one can.
  std::string misfit(const Job& job) const;
  /// How a child ended whose own end is `exit`: it may never have become its program.
  Exit end_of(pid_t pid, const Exit& exit);

  /// Not the job's fault: this machine is short of something, as errno says.
  static bool is_shortage(int error);

 private:
  int directory() const;
  Program find(const std::string& name, const JobOptions* own, int directory) const;
  Fd open_own(const Job& job, std::string& problem) const;
  Fd input_of(const Job& job) const;
  Settings settings_;
  OutputMode output_;
  const Template& template_;
  Environment& environment_;
  Fd null_;
  Fd directory_;  // empty: ours
  std::optional<int> nice_;
  Program program_;  // where it is the same for every job
  Spawner spawner_;
};

}  // namespace gentlify
