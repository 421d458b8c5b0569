// A file that a run writes as it goes, whole lines at a time.
#pragma once

#include <string>
#include <string_view>

#include "lib/control/halt.h"

namespace gentlify {

class RecordFile {
 public:
  enum class How {
    empty,
    append,  ///< to what earlier runs have written
  };

  /// Opens it. `flag` is what it was asked for with. Throws
  /// Error(cannot_create) where it cannot be opened. `halt` is told of a write that fails.
  RecordFile(const std::string& flag, const std::string& path, How how, Halt& halt);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  bool is_empty() const;

  /// Appends lines, each with its newline, with one write(2). After one that failed nothing is
  /// written any more; a part of it that was is taken back where the file can be cut.
  void write(std::string_view lines);

 private:
  std::string name_;  // the flag and the path
  int fd_ = -1;
  Halt& halt_;
  bool failed_ = false;
};

}  // namespace gentlify
