// A file that a reader never sees half of: a summary, or metrics.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace gentlify {

class WholeFile {
 public:
  enum class How {
    replace,  ///< each write takes the place of what was there
    append,
  };

  /// `flag` is what it was asked for with. A device, a pipe or one of our own descriptors is
  /// written into; a file that is there stays as it is until the first write. `mode`: its
  /// permissions; where nothing is said, those that it has, or the umask decides. Throws
  /// Error(cannot_create) where it could not be written as things stand.
  WholeFile(const std::string& flag, const std::string& path, How how,
            std::optional<mode_t> mode = {});
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Returns 0, or the errno with which that failed and nothing was changed.
  int write(std::string_view text);

  /// What is to be written, in pieces. What was there stays until `publish`; without that nothing
  /// is changed.
  class Draft {
   public:
    explicit Draft(const WholeFile& file);
    ~Draft();
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    /// After an error nothing is written any more.
    void append(std::string_view text);
    int error() const { return error_; }
    /// Waits until it is on the disk.
    void sync();
    /// Returns 0 or the errno of the first thing that failed.
    int publish();

   private:
    const WholeFile& file_;
    std::string path_;  // of the file beside the target; empty: none
    int fd_;
    int error_;
  };

  /// It as a clause: "--summary x cannot be written (No space left on device)".
  std::string describe(int error) const;

 private:
  std::string name_;    // the flag and the path
  std::string target_;  // what is replaced; empty where `fd_` is written into
  std::optional<mode_t> mode_;
  int fd_ = -1;
};

}  // namespace gentlify
