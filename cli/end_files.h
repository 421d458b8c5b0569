// The files that tell of a run once it is over: --summary.
#pragma once

#include <list>
#include <string>

#include "cli/settings.h"
#include "lib/record/run_end.h"
#include "lib/record/whole_file.h"

namespace gentlify {

class EndFiles {
 public:
  /// Throws Error(cannot_create) where one that was asked for could not be written as things stand.
  explicit EndFiles(const Settings& settings);

  /// Writes them all. Returns a sentence about those that could not be; empty where all were.
  std::string write(const RunEnd& end);

 private:
  struct Entry {
    Entry(const char* flag, const std::string& path, WholeFile::How how,
          std::string (*text)(const RunEnd&))
        : file(flag, path, how), text_of(text) {}

    WholeFile file;
    std::string (*text_of)(const RunEnd&);
  };

  std::list<Entry> files_;
};

}  // namespace gentlify
