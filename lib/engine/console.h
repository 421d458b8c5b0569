// Our standard output and error: jobs' output, our own sentences and the status line share them
// without running into each other. Nothing here blocks.
#pragma once

#include <string>
#include <string_view>

#include "lib/engine/out_stream.h"

namespace gentlify {

class Console {
 public:
  Console(Watch& watch, Spool& spool);

  /// Queues a job's bytes for standard output or error.
  void out(std::string_view bytes);
  void err(std::string_view bytes);
  void out(Kept&& bytes);
  void err(Kept&& bytes);

  /// Jobs write on standard output themselves.
  void share_output() { out_.share(); }

  /// A program reads our sentences: each becomes {"t":"note","text":SENTENCE}.
  void speak_json() { json_ = true; }

  /// Queues "gentlify: SENTENCE" for standard error, on a line of its own.
  void say(std::string_view sentence);
  /// Queues `text` for it, on a line of its own.
  void line(std::string_view text);

  /// The line to stand below all output, on a terminal only; empty takes it away.
  void set_status(std::string line);

  /// Writes what can be written. To be called once a turn of the loop.
  void flush();

  std::uint64_t pending() const { return out_.pending() + err_.pending(); }
  /// See OutStream::error, of standard output.
  int output_error() const { return out_.error(); }
  bool error_is_terminal() const { return err_.is_terminal(); }
  bool is_terminal() const { return out_.is_terminal() || err_.is_terminal(); }

 private:
  void hide_status();
  void draw_status();
  void end_partial_line();

  OutStream out_;
  OutStream err_;
  std::string status_;
  const bool one_;  // both streams are the same file: what comes keeps its order
  bool json_ = false;
  bool shown_ = false;
  bool changed_ = false;
  bool partial_line_ = false;  // what stands before the cursor is not ours and has no newline
};

}  // namespace gentlify
