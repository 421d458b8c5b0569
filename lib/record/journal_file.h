// The file of a journal: a regular file of ours, locked while a run writes it, and only ever
// appended to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/time.h"

namespace gentlify {

class JournalFile {
 public:
  /// Opens the file, or makes it, and locks it. Throws Error: cannot_create, no_permission, or
  /// try_later where another run has it.
  explicit JournalFile(const std::string& path);
  ~JournalFile();
  JournalFile(JournalFile&& other) noexcept;
  JournalFile& operator=(JournalFile&& other) noexcept;

  const std::string& path() const { return path_; }
  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }

  /// Waits until no process lives that a run which was killed has left; `patience` at most. Throws
  /// Error(try_later) naming those that live then. See `alive`.
  void wait_for_jobs(Duration patience) const;
  /// A descriptor for jobs to inherit: while a process has it, the run is not over. -1: there is
  /// none to be had.
  int alive();

  /// Drops what is behind the first `size` bytes. Returns 0 or an errno.
  int cut(std::uint64_t size);
  /// Appends with one write(2), as a rule. Returns 0, or the errno with which that failed; then the
  /// file is as it was, or will be before the next append.
  int append(std::string_view text);
  /// Waits until all is on the disk. Returns 0 or an errno.
  int sync() const;
  /// The same for the directory that holds it.
  int sync_directory() const;
  /// What somebody else has done to it, as "was ...": removed, so that it will be gone when we
  /// close it, or cut or added to. Empty: nothing.
  std::string_view interference() const;

  /// A file beside this one, empty and locked, that may take its place. Throws Error.
  JournalFile make_successor() const;
  /// Takes the place of the file at `path`. Returns 0 or an errno.
  int replace(const std::string& path);

 private:
  JournalFile() = default;
  void open();
  void lock();
  bool has_its_name() const;
  std::vector<pid_t> users() const;

  std::string path_;
  int fd_ = -1;
  int alive_ = -1;
  std::uint64_t size_ = 0;
  bool torn_ = false;  // something is behind that, and could not be cut off
};

}  // namespace gentlify
