// What jobs write, in files: DIR/SEQ/stdout and DIR/SEQ/stderr; and how they ended, in
// DIR/SEQ/meta.json.
//
// They are named by number only and are made below an open directory, never through a symbolic
// link; nothing that was there before is touched.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "lib/core/job.h"
#include "lib/engine/fd.h"
#include "lib/engine/process.h"

namespace gentlify {

class Results {
 public:
  /// The files of one attempt.
  using Files = std::array<Fd, 2>;

  /// Makes the directory where there is none. Throws Error where that fails, or it holds anything.
  /// `all_attempts`: files keep what the attempts before the last one wrote.
  Results(const std::string& path, bool all_attempts);

  /// Opens the files of an attempt, the job's first or another one. Where that fails `files` stays
  /// as it was, and errno is returned; 0: all is well.
  int open(JobId job, bool first, Files& files) const;
  /// Takes back what `open` has made for a first attempt that was not.
  void discard(JobId job) const;
  /// Appends. Returns errno where that fails; that file is then closed, and what it lacks is lost.
  static int write(Files& files, Stream stream, std::string_view bytes);
  /// Writes how a job ended, whole or not at all. Returns errno where that fails.
  int write_meta(JobId job, std::string_view text) const;

 private:
  /// The job's own directory; none: errno says why.
  Fd open_own(JobId job) const;

  Fd directory_;
  int again_;  // how files are opened for further attempts
};

}  // namespace gentlify
