#include "cli/not_done.h"

#include <fmt/format.h>

#include <utility>

#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/signals.h"

namespace gentlify {

namespace {

/// Pieces that are written at once.
constexpr std::size_t enough = 64 * 1024;

/// Waits until the input gives something, until `end`.
bool goes_on(Source& source, Source::Read read, TimePoint end) {
  const TimePoint now = monotonic_now();
  if (now >= end) return false;
  return read != Source::Read::wait || source.wait(end - now);
}

/// Why the writing must end; empty while it may go on.
std::string why_stop(TimePoint limit) {
  if (end_is_asked_for()) return "interrupted";
  return monotonic_now() > limit ? "there was no time for it" : "";
}

}  // namespace

NotDone::NotDone(const std::string& path, Form form)
    : path_(path), file_("--not-done", path, WholeFile::How::replace), form_(std::move(form)) {}

void NotDone::on_event(const Event& event, TimePoint) {
  if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    stopped_.emplace(dropped->job.id, text_of(dropped->job));
  } else if (const auto* ended = std::get_if<event::Ended>(&event)) {
    if (ended->fate == Fate::not_done) stopped_.emplace(ended->job.id, text_of(ended->job));
  }
}

std::string NotDone::text_of(const Job& job) const {
  if (!form_.batches || job.parts.empty()) return job.item + form_.end;
  std::string text;
  for (std::size_t i = 0; i < job.parts.size(); ++i) text.append(job.parts[i]) += form_.end;
  return text;
}

NotDone::Written NotDone::write(Source& source, Duration patience, Duration limit) {
  WholeFile::Draft draft(file_);
  draft.append(form_.head);
  for (const auto& [job, item] : stopped_) draft.append(item);
  Written written;
  std::string problem = copy_rest(source, draft, patience, limit, written);
  if (form_.is_input && !source.error().empty()) problem = source.error();
  if (source.has_changed()) problem = "the input has changed";
  draft.sync();
  if (!problem.empty()) {
    written.problem = fmt::format("--not-done {} is not written ({})", shell_quote(path_), problem);
  } else if (const int error = draft.publish(); error != 0) {
    written.problem = file_.describe(error);
  }
  return written;
}

/// Returns why that had to end before the source did; empty where it did not.
std::string NotDone::copy_rest(Source& source, WholeFile::Draft& draft, Duration patience,
                               Duration limit, Written& written) const {
  const TimePoint begin = monotonic_now();
  std::string text;
  std::string problem;
  for (std::uint64_t n = 0; problem.empty() && draft.error() == 0; ++n) {
    Job job;
    const Source::Read read = source.next(job);
    if (read == Source::Read::end) break;
    if (read == Source::Read::item && job.defect.empty()) text += text_of(job);
    if (!job.defect.empty()) ++written.left_out;
    if (!source.is_bounded() && !goes_on(source, read, later(begin, patience))) {
      written.complete = false;
      source.give_up();
    }
    if (text.size() >= enough) {
      draft.append(text);
      text.clear();
    }
    if (n % 1024 == 0 || read == Source::Read::wait) problem = why_stop(later(begin, limit));
  }
  draft.append(text);
  return problem;
}

}  // namespace gentlify
