// What jobs write on its way to our own streams: whole at a job's end or line by line, with tags.
//
// Where no more can be kept (see spool.h) one job is promoted: what it writes goes straight
// through, and what others have to show at their ends waits for its end. In the order of the jobs
// that can only be the job whose turn it is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "lib/core/job.h"
#include "lib/engine/console.h"
#include "lib/engine/output_order.h"
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
  JobOutput(Spool& spool, JobId job, std::string tag)
      : job_(job), tag_(std::move(tag)), kept_{Kept(spool), Kept(spool)} {}

  JobId job() const { return job_; }

  /// The last of stderr, of which no more than 128 KiB are kept.
  const std::string& err_tail() const { return err_tail_; }
  /// The last line that it has written so far on either stream, or the last of that.
  std::string_view last_line() const;
  /// Its last line that is not empty, cut to 200 bytes.
  std::string last_err_line() const;

 private:
  friend class Output;

  void remember(std::string_view bytes);
  Kept& kept(Stream stream) { return kept_[static_cast<std::size_t>(stream)]; }

  JobId job_;
  std::string tag_;
  std::array<Kept, 2> kept_;          // to be shown at its end
  std::array<std::string, 2> lines_;  // in line mode, what has no newline yet
  std::string err_tail_;
  std::string tail_;  // of both
};

class Output {
 public:
  /// `ordered`: in the order of the jobs, whatever the order of their ends.
  Output(Console& console, Spool& spool, OutputMode mode, bool ordered);

  void take(JobOutput& job, Stream stream, std::string_view bytes);
  /// The attempt is over, and nothing comes any more. What was kept is shown, or dropped.
  void end(JobOutput& job, bool shown);
  /// The attempt is over, and what it wrote goes on in `next`.
  void pass_on(JobOutput& job, JobOutput& next);
  /// No attempt of the job follows. Each job that there is must come to this, also without any.
  void settle(JobId job);

  /// So much waits for our reader that nothing more should start.
  bool is_behind() const;
  /// No more can be kept.
  bool is_full() const { return spool_.is_full(); }
  std::string why_full() const { return spool_.why_full(); }
  /// So much waits for its turn that only `turn` should start.
  bool is_crowded() const;
  /// The job whose output the others' waits for; none in any order.
  std::optional<JobId> turn() const;
  /// Jobs should write nothing for now, but for one that is promoted.
  bool wants_hold() const { return is_full() || (is_behind() && mode_ == OutputMode::line); }

  void promote(JobOutput& job);
  bool has_promoted() const { return promoted_ != nullptr; }
  bool is_promoted(const JobOutput& job) const { return promoted_ == &job; }

 private:
  void show(Stream stream, Kept&& bytes);
  void show(const JobOutput& job, Stream stream, Kept&& bytes);
  void take_lines(JobOutput& job, Stream stream, std::string_view bytes);

  Console& console_;
  Spool& spool_;
  OutputMode mode_;
  const JobOutput* promoted_ = nullptr;
  std::array<Kept, 2> later_;
  std::optional<OutputOrder> order_;
};

}  // namespace gentlify
