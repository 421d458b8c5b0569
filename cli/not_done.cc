#include "cli/not_done.h"

#include <algorithm>
#include <utility>

#include "lib/engine/clock.h"

namespace gentlify {

namespace {

/// Pieces that are written at once.
constexpr std::size_t enough = 64 * 1024;

}  // namespace

NotDone::NotDone(const std::string& path, Form form)
    : file_("--not-done", path, WholeFile::How::replace), form_(std::move(form)) {}

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

NotDone::Written NotDone::write(Source& source, Duration patience) {
  WholeFile::Draft draft(file_);
  std::string text = form_.head;
  for (const auto& [job, item] : stopped_) text += item;
  Written written;
  TimePoint end = later(monotonic_now(), 4 * patience);
  for (Source::Read read = Source::Read::more; read != Source::Read::end && written.complete;) {
    Job job;
    read = source.next(job);
    if (read == Source::Read::item) text += text_of(job);
    if (read == Source::Read::wait) {
      written.complete = monotonic_now() < end && source.wait(patience);
    }
    if (text.size() < enough) continue;
    draft.append(text);
    text.clear();
  }
  draft.append(text);
  if (const int error = draft.publish(); error != 0) written.problem = file_.describe(error);
  return written;
}

}  // namespace gentlify
