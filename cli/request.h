// What was asked for: jobs to be run, or shown; and how the program ends after that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/settings.h"
#include "lib/core/error.h"
#include "lib/engine/input/list_source.h"
#include "lib/engine/input/source.h"
#include "lib/engine/template.h"
#include "lib/fleet/job_list.h"
#include "lib/record/journal_opening.h"

namespace gentlify {

struct RunRequest {
  Settings settings;
  /// The command template; empty: each item is a command line for the shell, or says itself what to
  /// run.
  std::vector<std::string> command;
  /// The lists after `:::`; nothing: items are read.
  std::optional<std::vector<ItemList>> lists;
  /// The words of the command line, to be given again.
  std::vector<std::string> invocation;
  std::size_t flag_words = 1;  ///< so many of them are before the command
  /// Settings that are not the built-in ones, and their values.
  std::vector<std::pair<std::string, std::string>> changed_settings;
  /// No job is run: each ends at once, and well. For tests.
  bool pretend = false;
  /// NAME=VALUE of what jobs inherit.
  std::vector<std::string> job_environment;
};

/// How the program ends.
struct Ending {
  ExitCode code = ExitCode::ok;
  int signal = 0;     ///< not 0: by this signal instead
  std::string error;  ///< a sentence to print; may be empty
};

/// Where the jobs come from, and what is made of them.
struct Plan {
  /// What the source asks of earlier runs, where there is a journal.
  std::unique_ptr<OpenJournal> journal;
  /// What the source asks of the other hosts, where they share a list.
  std::unique_ptr<fleet::JobList> list;
  std::unique_ptr<Source> source;
  Template command;
  std::optional<Template> tag;
  /// What the file of --not-done begins with: the header of a table.
  std::string head = {};
  /// This host in its fleet, 16 hex digits; empty: there is none.
  std::string fleet_host = {};
};

/// Takes the request's lists. Reads the header of a table, and waits for it; opens the journal, but
/// for a dry run. `cores` is what 100% of jobs at once is. Throws Error where an input cannot be
/// opened or the command asks for what no item has, and as open_journal does.
Plan make_plan(RunRequest& request, int cores);

/// The items as they are read, of the request's lists or else of its files. Throws as make_plan.
std::unique_ptr<Source> open_input(RunRequest& request);

/// What ends an item of the input.
char item_end(const Settings& settings);

/// A number by chance.
std::uint64_t random_number();

}  // namespace gentlify
