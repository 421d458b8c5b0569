// The files that tell of a run once it is over: --summary and --summary-md, or the summary of the
// step in a GitHub workflow.
#pragma once

#include <functional>
#include <list>
#include <string>

#include "cli/settings.h"
#include "lib/record/run_end.h"
#include "lib/record/whole_file.h"

namespace gentlify {

class EndFiles {
 public:
  /// Tells that the step's summary, which nobody has asked for, cannot be written.
  using Note = std::function<void(const std::string& sentence)>;

  /// Throws Error(cannot_create) where one that was asked for could not be written as things stand.
  EndFiles(const Settings& settings, Note note);

  /// Writes them all. Returns a sentence about those that were asked for and could not be; empty
  /// where all were.
  std::string write(const RunEnd& end);

 private:
  struct Entry {
    Entry(const char* flag, const std::string& path, WholeFile::How how,
          std::string (*text)(const RunEnd&), bool asked = true)
        : file(flag, path, how), text_of(text), asked_for(asked) {}

    WholeFile file;
    std::string (*text_of)(const RunEnd&);
    bool asked_for;
  };

  void add_step_summary(const char* path);

  std::list<Entry> files_;
  Note note_;
};

}  // namespace gentlify
