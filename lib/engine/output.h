// What jobs write on its way to our own streams: whole at a job's end or line by line, with tags.
//
// Where no more can be kept (see spool.h) one job is promoted: what it writes goes straight
// through, and what others have to show at their ends waits for its end.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "lib/engine/console.h"
#include "lib/engine/process.h"
#include "lib/engine/spool.h"

namespace gentlify {

/// What jobs' output becomes.
enum class OutputMode {
  group,    ///< whole, when the last attempt has ended, each stream on its own
  line,     ///< whole lines as they come
  inherit,  ///< straight through
  discard,  ///< nothing
};

/// What one attempt wrote and is not shown yet.
class JobOutput {
 public:
  /// `tag` goes before each line; empty: nothing.
  JobOutput(Spool& spool, std::string tag)
      : tag_(std::move(tag)), kept_{Kept(spool), Kept(spool)} {}

  /// The last of stderr, of which no more than 128 KiB are kept.
  const std::string& err_tail() const { return err_tail_; }

 private:
  friend class Output;

  Kept& kept(Stream stream) { return kept_[static_cast<std::size_t>(stream)]; }

  std::string tag_;
  std::array<Kept, 2> kept_;          // to be shown at its end
  std::array<std::string, 2> lines_;  // in line mode, what has no newline yet
  std::string err_tail_;
};

class Output {
 public:
  Output(Console& console, Spool& spool, OutputMode mode)
      : console_(console), spool_(spool), mode_(mode), later_{Kept(spool), Kept(spool)} {}

  void take(JobOutput& job, Stream stream, std::string_view bytes);
  /// The attempt is over, and nothing comes any more. What was kept is shown, or dropped.
  void end(JobOutput& job, bool shown);

  /// So much waits for our reader that nothing more should start.
  bool is_behind() const;
  /// No more can be kept.
  bool is_full() const { return spool_.is_full(); }
  /// Jobs should write nothing for now, but for one that is promoted.
  bool wants_hold() const { return is_full() || (is_behind() && mode_ == OutputMode::line); }

  void promote(JobOutput& job);
  bool has_promoted() const { return promoted_ != nullptr; }
  bool is_promoted(const JobOutput& job) const { return promoted_ == &job; }

 private:
  template <class Bytes>
  void show(Stream stream, Bytes&& bytes);
  void take_lines(JobOutput& job, Stream stream, std::string_view bytes);

  Console& console_;
  Spool& spool_;
  OutputMode mode_;
  const JobOutput* promoted_ = nullptr;
  std::array<Kept, 2> later_;
};

}  // namespace gentlify
