// The journal of a run and the stream of its events, as the settings want them.
#pragma once

#include <optional>
#include <string>

#include "cli/broadcast.h"
#include "cli/event_stream.h"
#include "cli/ledgers.h"
#include "cli/request.h"
#include "lib/engine/engine.h"
#include "lib/record/journal.h"

namespace gentlify {

/// `head`: what the items of a table begin with.
JournalRequest journal_request(const RunRequest& request, const std::string& head);

/// How the records of a run are written.
JournalText::Settings record_settings(const RunRequest& request, const Plan& plan);

/// How the run, or this session of it, begins. `run` is its number where there is no journal.
struct SessionHead {
  record::Head head;
  JournalText::Session about;
};
SessionHead session_head(const RunRequest& request, const Plan& plan, std::uint64_t run);

/// They while the run goes. Where neither is wanted it does nothing.
class Journaling {
 public:
  /// `run` is the number of a run without a journal. Throws Error where one cannot be written.
  Journaling(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host, Halt& halt,
             Broadcast& listeners, Engine& engine);

  /// What is known of the run that goes on, as a sentence; empty where it begins.
  std::string greeting() const;

  /// Jobs that failed for good in earlier runs, and do not run again.
  std::uint64_t failed_before() const;
  /// The input is not the one that the run had, as a sentence; empty: it is.
  std::string mismatch() const;
  /// All that happened is in the journal.
  bool is_complete() const { return journal_ && journal_->is_complete(); }
  /// The command that goes on with this run, where jobs are left: `unfinished` ones, or some that
  /// have `failed` for good. Empty where there is no journal, or nothing is left.
  std::string resume_command(bool unfinished, bool failed) const;

  /// The run is over. A reader of events that takes nothing for `patience` is given up.
  void close(int exit, Duration patience);

 private:
  const RunRequest& request_;
  OpenJournal* open_;  // null: none
  std::optional<Journal> journal_;
  std::optional<EventStream> events_;
  Ledgers ledgers_;
};

}  // namespace gentlify
