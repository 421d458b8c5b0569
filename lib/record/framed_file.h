// A file that a run adds to between a head, which changes, and a foot, which does not. After each
// write it is whole, as XML has to be, whatever ends us then.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "lib/control/halt.h"

namespace gentlify {

class FramedFile {
 public:
  /// Opens it anew, and empties it. `flag` is what it was asked for with. Throws
  /// Error(cannot_create) where it cannot be opened, or is not a regular file. `halt` is told of a
  /// write that fails.
  FramedFile(const std::string& flag, const std::string& path, std::string foot, Halt& halt);
  ~FramedFile();
  FramedFile(const FramedFile&) = delete;
  FramedFile& operator=(const FramedFile&) = delete;

  /// Adds `body` before the foot and puts `head` in the place of the head before, which was as
  /// long. After a write that failed nothing is written any more, and the file is as it was before
  /// that.
  void write(std::string_view head, std::string_view body);

 private:
  /// Returns errno; 0: all is written.
  int write_at(off_t place, std::string_view bytes) const;

  std::string name_;  // the flag and the path
  std::string foot_;
  int fd_ = -1;
  off_t end_ = 0;  // where the foot begins; 0: nothing is written yet
  Halt& halt_;
  bool failed_ = false;
};

}  // namespace gentlify
