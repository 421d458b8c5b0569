// --not-done: the items that a run which was stopped did not finish, to be read by the next one.
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
    std::string head;       ///< before the items: the header of a table, with its line end
    char end = '\n';        ///< after each item
    bool batches = false;   ///< the parts of a job are items
    bool is_input = false;  ///< the file is one that is read: it is not cut short
  };

  /// Throws Error(cannot_create) where the file could not be written as things stand.
  NotDone(const std::string& path, Form form);

  /// Collects jobs that were given up unfinished.
  void on_event(const Event& event, TimePoint now) override;

  struct Written {
    std::string problem;         ///< that the file is not written; empty: it is
    bool complete = true;        ///< false: the input has not ended, and what may follow is missing
    std::uint64_t left_out = 0;  ///< items that cannot be run
  };
  /// Writes them and all that `source` still gives. Of a pipe that goes on, only what comes within
  /// `patience` is taken. A signal that ends runs ends this, too, as does `limit`; then the file is
  /// as it was.
  Written write(Source& source, Duration patience, Duration limit);

 private:
  std::string text_of(const Job& job) const;
  std::string copy_rest(Source& source, WholeFile::Draft& draft, Duration patience, Duration limit,
                        Written& written) const;

  std::string path_;
  WholeFile file_;
  Form form_;
  std::map<JobId, std::string> stopped_;
};

}  // namespace gentlify
