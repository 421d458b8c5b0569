// What jobs write, in files: DIR/SEQ/stdout and DIR/SEQ/stderr; and how they ended, in
// DIR/SEQ/meta.json.
//
// They are named by number only and are made below an open directory, never through a symbolic
// link; nothing that was there before is touched, but for what a run that goes on has left of a
// job.
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
  /// `all_attempts`: files keep what the attempts before the last one wrote. `goes_on`: it may hold
  /// what earlier runs have left, and a job that runs again begins anew.
  Results(const std::string& path, bool all_attempts, bool goes_on);

  /// Opens the files of an attempt, the job's first or another one. Where that fails `files` stays
  /// as it was, and errno is returned; 0: all is well.
  int open(JobId job, bool first, Files& files) const;
  /// The same for what goes on with what an attempt has written.
  int reopen(JobId job, Files& files) const { return open_files(job, 0, files); }
  /// Takes back what `open` has made for a first attempt that was not.
  void discard(JobId job) const;
  /// Appends. Returns errno where that fails; that file is then closed, and what it lacks is lost.
  static int write(Files& files, Stream stream, std::string_view bytes);
  /// Writes how a job ended, whole or not at all. Returns errno where that fails.
  int write_meta(JobId job, std::string_view text) const;

 private:
  int make_own(JobId job) const;
  int open_files(JobId job, int how, Files& files) const;
  /// The job's own directory; none: errno says why.
  Fd open_own(JobId job) const;

  Fd directory_;
  bool goes_on_;
  int again_;  // how files are opened for further attempts
};

}  // namespace gentlify
