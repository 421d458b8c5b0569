// The journal of a run, as the settings want it.
#pragma once

#include <optional>
#include <string>

#include "cli/broadcast.h"
#include "cli/request.h"
#include "lib/engine/engine.h"
#include "lib/record/journal.h"

namespace gentlify {

/// `head`: what the items of a table begin with.
JournalRequest journal_request(const RunRequest& request, const std::string& head);

/// The journal while the run goes. Without one it does nothing.
class Journaling {
 public:
  /// Throws Error where it cannot be written.
  Journaling(const RunRequest& request, const Plan& plan, Halt& halt, Broadcast& listeners,
             Engine& engine);

  /// What is known of the run that goes on, as a sentence; empty where it begins.
  std::string greeting() const;

  /// Jobs that failed for good in earlier runs, and do not run again.
  std::uint64_t failed_before() const;
  /// The input is not the one that the run had, as a sentence; empty: it is.
  std::string mismatch() const;
  /// All that happened is in it.
  bool is_complete() const { return journal_ && !journal_->is_behind(); }
  /// The command that goes on with this run, where jobs are left: `unfinished` ones, or some that
  /// have `failed` for good. Empty where there is no journal, or nothing is left.
  std::string resume_command(bool unfinished, bool failed) const;

  void close(std::uint64_t succeeded, std::uint64_t failed, int exit);

 private:
  const RunRequest& request_;
  OpenJournal* open_;  // null: none
  std::optional<Journal> journal_;
};

}  // namespace gentlify
