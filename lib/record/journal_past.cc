#include "lib/record/journal_past.h"

#include <fmt/format.h>

#include "lib/core/job_identity.h"
#include "lib/core/overloaded.h"
#include "lib/core/text.h"
#include "lib/record/journal_by_content.h"
#include "lib/record/journal_by_number.h"

namespace gentlify {

std::unique_ptr<JournalPast> JournalPast::make(Known known, bool again, bool pushed) {
  if (known == Known::by_content) return std::make_unique<JournalByContent>(again);
  return std::make_unique<JournalByNumber>(again, pushed);
}

bool JournalPast::learn(const Record& record) {
  const bool is_head = std::holds_alternative<record::Head>(record);
  if (!is_head && foreign_) return false;
  // Its head may be lost.
  const auto* start = std::get_if<record::Start>(&record);
  if (start != nullptr && start->key) any_by_content_ = true;
  const bool good = std::visit(Overloaded{
                                   [&](const record::Head& head) { return learn_head(head); },
                                   [&](const record::Block& block) { return learn_block(block); },
                                   [&](const record::Start& begun) { return learn_start(begun); },
                                   [&](const record::End& end) { return learn_end(end); },
                                   [](const record::Other&) { return true; },
                               },
                               record);
  if (good && !is_head) only_heads_ = false;
  return good;
}

/// A session follows on one of the same run. The first head is written twice: without it all others
/// say nothing.
bool JournalPast::learn_head(const record::Head& head) {
  if (!first_) {
    begin(head);
    any_by_content_ = head.known == Known::by_content;
    return true;
  }
  const bool copy = only_heads_ && head.session == last_.session;
  const bool ours = head.run == first_->run && head.command == first_->command &&
                    head.mode == first_->mode && head.directory == first_->directory &&
                    (head.session > last_.session || copy);
  foreign_ = !ours;
  if (!ours) return false;
  if (!copy) learn_session();
  if (head.known == Known::by_content) any_by_content_ = true;
  last_ = head;
  return true;
}

void JournalPast::begin(const record::Head& head) {
  first_ = last_ = head;
  foreign_ = false;
  seed_ = digest(fmt::format("{} {} {} {}", head.run, head.command, head.mode, head.directory));
}

std::string JournalPast::done_text() const {
  const std::optional<std::uint64_t> all = total();
  return all ? fmt::format("{} of {}", done_, counted(*all, "job")) : counted(done_, "job");
}

void JournalPast::settle() {
  to_skip_ = done_ + failed_for_good();
}

Identity JournalPast::identify(const Job& job) const {
  return identity_of(job, seed_);
}

Identity JournalPast::key_of(const Identity& job, Known by, std::uint64_t number) const {
  return identity_of(fmt::format("{} {} {}", hex(job), name(by), number), first_->run);
}

void JournalPast::count(Fate fate) {
  if (fate == Fate::done) ++done_;
  if (fate == Fate::failed) ++failed_;
}

}  // namespace gentlify
