// The records that a run writes as it goes, and what must hold for its files before it begins.
#pragma once

#include <memory>
#include <string>

#include "cli/broadcast.h"
#include "cli/not_done.h"
#include "cli/request.h"
#include "lib/control/halt.h"
#include "lib/engine/console.h"
#include "lib/record/joblog.h"
#include "lib/record/junit.h"

namespace gentlify {

/// By a slip of a name a list would be lost, or one record to another. Throws Error(usage).
void check_outputs(const RunRequest& request);

class Records {
 public:
  /// Opens them. That is to be done when it is clear that the command can be run: a log that is
  /// there is not to be lost to one that cannot. Throws Error(cannot_create).
  Records(const RunRequest& request, const Plan& plan, Halt& halt, Console& console,
          TimePoint begin, Broadcast& listeners);

  /// The run is over: writes what was not done, where that is wanted, and says what is not in it.
  /// Returns why it could not be written; empty: all is well. `killed`: there is little time.
  std::string write_not_done(Source& source, bool killed);

 private:
  const Settings& settings_;
  Console& console_;
  std::unique_ptr<NotDone> not_done_;
  std::unique_ptr<Joblog> joblog_;
  std::unique_ptr<Junit> junit_;
};

}  // namespace gentlify
