#include "lib/record/failed_jobs.h"

#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Bytes of a command that are kept.
constexpr std::size_t longest_command = 1000;

/// At most `most` bytes of `text`, never a part of a character.
std::string head_of(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t least = most - 3;
  while (most > least && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80) --most;
  text.resize(most);
  return text += "…";
}

}  // namespace

void FailedJobs::on_event(const Event& event, TimePoint) {
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr || ended->fate != Fate::failed || entries_.size() == most) return;
  const Job& job = ended->job;
  Entry entry{number(job.id),
              job.line,
              !job.defect.empty(),
              {},
              without_passwords(ended->outcome.reason),
              job.earlier_attempts + job.attempts,
              without_passwords(ended->outcome.last_line)};
  // It may be a megabyte of anything.
  if (!entry.unusable)
    entry.command = head_of(without_passwords(command_of_(job)), longest_command);
  entries_.push_back(std::move(entry));
}

}  // namespace gentlify
