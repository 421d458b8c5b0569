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
  std::string text = form_.head;
  for (const auto& [job, item] : stopped_) text += item;
  Written written;
  const TimePoint begin = monotonic_now();
  const TimePoint end = later(begin, patience);
  std::string problem;
  for (std::uint64_t n = 0; problem.empty(); ++n) {
    Job job;
    const Source::Read read = source.next(job);
    if (read == Source::Read::end) break;
    if (read == Source::Read::item && !job.defect.empty()) {
      ++written.left_out;
    } else if (read == Source::Read::item) {
      text += text_of(job);
    }
    if (!source.is_bounded() && !goes_on(source, read, end)) {
      written.complete = false;
      source.give_up();
    }
    if (text.size() >= enough) {
      draft.append(text);
      text.clear();
    }
    if (n % 1024 != 0 && read != Source::Read::wait) continue;
    if (draft.error() != 0) break;
    if (end_is_asked_for()) problem = "interrupted";
    if (monotonic_now() > later(begin, limit)) problem = "there was no time for it";
  }
  if (form_.is_input && !source.error().empty()) problem = source.error();
  draft.append(text);
  draft.sync();
  if (problem.empty() && draft.publish() != 0) {
    written.problem = file_.describe(draft.error());
  } else if (!problem.empty()) {
    written.problem = fmt::format("--not-done {} is not written ({})", shell_quote(path_), problem);
  }
  return written;
}

}  // namespace gentlify
