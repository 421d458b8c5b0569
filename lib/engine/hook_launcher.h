// Starts hooks: command lines of the user for the shell, which find what they are told on standard
// input, and the fields of a job's item as "$1", "$2" and so on.
#pragma once

#include <sys/resource.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/job.h"
#include "lib/core/outcome.h"
#include "lib/engine/environment.h"
#include "lib/engine/launcher.h"
#include "lib/engine/output.h"
#include "lib/engine/spawn.h"

namespace gentlify {

class HookLauncher {
 public:
  /// Of `jobs` hooks share all but what is made of an item. Throws Error where the shell or the
  /// directory is not there.
  HookLauncher(std::string shell, Launcher::Settings jobs, Environment& environment);

  struct Call {
    const std::string& command;
    std::string_view input;    ///< for standard input
    const Job* job = nullptr;  ///< that it is about; null: about the run
    /// What becomes of its output; to be read through pipes but where jobs' is not.
    OutputMode output = OutputMode::group;
  };
  Launcher::Launched launch(const Call& call);
  /// As Launcher::end_of.
  Exit end_of(pid_t pid, const Exit& exit);

 private:
  Launcher::Launched try_launch(const Call& call);
  Fd open_own(const Job* job, std::string& problem) const;

  std::string shell_;
  std::string path_;  // of the shell
  Launcher::Settings settings_;
  Environment& environment_;
  Fd null_;
  Fd directory_;  // empty: ours
  std::optional<int> nice_;
  Spawner spawner_;
};

/// The fields of the job's item, or the item where it has none. Empty where they cannot be passed
/// to a program: the item could not be read, or one is too long for that.
std::vector<std::string> fields_of(const Job& job);

}  // namespace gentlify
