// --not-done: the items that a run which was stopped did not run, to be read by the next one.
#pragma once

#include <map>
#include <string>

#include "lib/core/event.h"
#include "lib/engine/input/source.h"
#include "lib/record/whole_file.h"

namespace gentlify {

class NotDone : public EventSink {
 public:
  struct Form {
    std::string head;      ///< before the items: the header of a table, with its line end
    char end = '\n';       ///< after each item
    bool batches = false;  ///< the parts of a job are items
  };

  /// Throws Error(cannot_create) where the file could not be written as things stand.
  NotDone(const std::string& path, Form form);

  /// Collects jobs that were given up unfinished.
  void on_event(const Event& event, TimePoint now) override;

  struct Written {
    std::string problem;   ///< that the file cannot be written; empty: it was
    bool complete = true;  ///< false: the input has not ended, and what may follow is missing
  };
  /// Writes them and all that `source` still gives. A pipe is read while it gives something each
  /// `patience`, and for four times as long at most.
  Written write(Source& source, Duration patience);

 private:
  std::string text_of(const Job& job) const;

  WholeFile file_;
  Form form_;
  std::map<JobId, std::string> stopped_;
};

}  // namespace gentlify
