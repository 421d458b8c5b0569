// The record of a run, and the way to go on with it: what was opened before is written here, as
// the run goes.
//
// Records are collected, and written with one write(2) at each `commit`. After a write that fails
// the file is as it was before; the records stay in memory and are tried again each second, while
// nothing new starts. A sync that fails is final: nobody knows what is on the disk then.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/control/halt.h"
#include "lib/core/event.h"
#include "lib/core/ledger.h"
#include "lib/record/journal_opening.h"
#include "lib/record/journal_text.h"
#include "lib/record/sync_thread.h"

namespace gentlify {

class Journal : public EventSink, public Ledger {
 public:
  struct Sync {
    enum class When { interval, always, off };
    When when = When::interval;
    Duration interval = std::chrono::milliseconds(100);
  };

  /// Writes the head. `open` must outlive the journal; `halt` is told where something cannot be
  /// written. Throws Error(output_failed) where that is so already.
  Journal(OpenJournal& open, JournalText text, const JournalText::Session& session,
          const Sync& sync, Halt& halt);
  ~Journal() override;

  void on_event(const Event& event, TimePoint now) override;

  bool commit(TimePoint now) override;
  TimePoint next() const override { return retry_at_; }

  /// The run is over: writes the last record, and waits until all is on the disk.
  void close(int exit, TimePoint now);

  /// All that was told is written.
  bool is_complete() const { return text_.pending().empty(); }

 private:
  void lose(const std::string& why);
  void sync();

  OpenJournal& open_;
  JournalText text_;
  Sync how_;
  Halt& halt_;
  TimePoint retry_at_ = never;
  bool lost_ = false;
  std::unique_ptr<SyncThread> thread_;
};

}  // namespace gentlify
