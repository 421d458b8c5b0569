// `gentlify [run]`: runs the jobs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "lib/core/error.h"
#include "lib/engine/guardian.h"

namespace gentlify {

struct RunRequest {
  Settings settings;
  /// The command template; empty: each item is a command line for the shell.
  std::vector<std::string> command;
  /// The items after `:::`; nothing: they are read.
  std::optional<std::vector<std::string>> items;
  /// NAME=VALUE of what jobs inherit.
  std::vector<std::string> job_environment;
};

/// How the program ends.
struct Ending {
  ExitCode code = ExitCode::ok;
  int signal = 0;     ///< not 0: by this signal instead
  std::string error;  ///< a sentence to print; may be empty
};

/// What the settings say of processes that outlive their job.
Leftover leftover_of(const Settings& settings);

/// `cores` says what 100% is. Throws Error where nothing can be started at all.
Ending run(RunRequest request, int cores);

}  // namespace gentlify
