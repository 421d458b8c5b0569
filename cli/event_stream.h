// --events: the records of a run as they come, for a program that follows it.
#pragma once

#include <memory>
#include <string>

#include "lib/control/halt.h"
#include "lib/core/event.h"
#include "lib/core/ledger.h"
#include "lib/engine/engine.h"
#include "lib/record/journal_text.h"

namespace gentlify {

class EventStream : public EventSink, public Ledger {
 public:
  /// `target` is a file, which is emptied, or fd:N, a descriptor that is there. Throws Error:
  /// cannot_create, or usage where that is open for reading only. `halt` is told where something
  /// cannot be written.
  EventStream(const std::string& target, Host& host, JournalText text, Halt& halt);

  void begin(const record::Head& head, const JournalText::Session& session);
  void on_event(const Event& event, TimePoint now) override { text_.event(event, now); }

  bool commit(TimePoint now) override;
  /// The reader is slow.
  bool is_behind() const override;
  TimePoint next() const override { return never; }

  /// The run is over: writes the last record, and what still waits. A reader that takes nothing for
  /// `patience` is given up, and any where a signal asks for the end.
  void close(int exit, Duration patience);
  /// Something could not be written.
  bool is_lost() const { return lost_; }

 private:
  void lose(const std::string& why);

  std::string name_;  // the flag and the target
  Host& host_;
  Fd fd_;
  JournalText text_;
  Halt& halt_;
  std::unique_ptr<OutStream> stream_;
  bool lost_ = false;
};

}  // namespace gentlify
