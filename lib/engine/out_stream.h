// A standard stream of ours, written without ever blocking the loop and without touching the flags
// of the open file, which other programs share: bytes wait in a queue until the stream takes them.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "lib/engine/fd.h"
#include "lib/engine/spool.h"
#include "lib/engine/watch.h"

namespace gentlify {

class OutStream : private Watched {
 public:
  /// A terminal is opened anew, without blocking: its room is less than a pipe's.
  OutStream(Watch& watch, Spool& spool, int fd);
  ~OutStream() override;

  void add(std::string_view bytes) {
    if (error_ == 0) queue_.add(bytes);
    used_ = true;
  }
  void append(Kept&& bytes) {
    if (error_ == 0) {
      queue_.append(std::move(bytes));
    } else {
      bytes.clear();
    }
    used_ = true;
  }
  /// Others write on the stream as well: the end of its reader matters although we wrote nothing.
  void share() { used_ = true; }
  /// Writes what can be written now. The watch wakes the loop when the rest can be.
  void flush();

  /// Bytes that wait.
  std::uint64_t pending() const { return queue_.size(); }
  /// The errno that ended the stream, EPIPE where its reader has gone; 0 while all is well. Bytes
  /// for a stream that has ended are dropped.
  int error() const { return error_; }

  bool is_terminal() const { return terminal_; }

 private:
  void on_ready(std::uint32_t events) override;
  bool writable() const;
  void fail(int error);
  void set_waiting(bool waiting);

  Watch& watch_;
  Fd own_;  // of a terminal
  int fd_;
  bool terminal_;
  bool pollable_ = false;  // registered with the watch
  bool waiting_ = false;   // for EPOLLOUT
  bool used_ = false;
  int error_ = 0;
  Kept queue_;
};

}  // namespace gentlify
