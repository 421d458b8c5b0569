// What was asked for: jobs to be run, or shown; and how the program ends after that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "lib/core/error.h"
#include "lib/engine/source.h"
#include "lib/engine/template.h"

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

/// Takes the request's items. Throws Error where an input cannot be opened.
std::unique_ptr<Source> make_source(RunRequest& request);

Template make_template(const RunRequest& request);

}  // namespace gentlify
