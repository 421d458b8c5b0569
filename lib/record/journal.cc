#include "lib/record/journal.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr Duration try_each = std::chrono::seconds(1);

}  // namespace

Journal::Journal(OpenJournal& open, JournalText text, const JournalText::Session& session,
                 const Sync& sync, Halt& halt)
    : open_(open), text_(std::move(text)), how_(sync), halt_(halt) {
  const auto check = [&](int error, std::string_view what) {
    if (error == 0) return;
    throw Error(ExitCode::output_failed,
                fmt::format("--journal {} cannot be {} ({})", shell_quote(open.file.path()), what,
                            std::strerror(error)));
  };
  const bool is_new = open.head.session == 1;
  // Where there can be none, no head shall say that a run began.
  if (how_.when == Sync::When::interval) {
    thread_ =
        std::make_unique<SyncThread>([&file = open.file] { return file.sync(); }, how_.interval);
  }
  text_.head(open.head, session);
  if (is_new) text_.head(open.head, session);  // without one all others would say nothing
  check(open.file.append(text_.pending()), "written");
  text_.pending().clear();
  if (how_.when != Sync::When::off) {
    check(open.file.sync(), "synced");
    if (is_new) check(open.file.sync_directory(), "synced");
  }
  open.past->on_block([this](const record::Block& block) { text_.block(block); });
}

Journal::~Journal() {
  open_.past->on_block({});
}

void Journal::on_event(const Event& event, TimePoint now) {
  text_.event(event, now);
}

bool Journal::commit(TimePoint now) {
  if (thread_ && thread_->error() != 0 && !lost_) {
    lose(fmt::format("cannot be synced ({})", std::strerror(thread_->error())));
  }
  if (retry_at_ != never && now < retry_at_) return false;
  std::string& text = text_.pending();
  if (text.empty()) return !lost_;
  const int error = open_.file.append(text);
  if (error != 0) {
    retry_at_ = later(now, try_each);
    lose(fmt::format("cannot be written ({})", std::strerror(error)));
    return false;
  }
  text.clear();
  retry_at_ = never;
  if (const auto what = open_.file.interference(); !what.empty()) lose(std::string(what));
  if (thread_) thread_->touch();
  if (how_.when == Sync::When::always) sync();
  return !lost_;
}

void Journal::sync() {
  const int error = open_.file.sync();
  if (error != 0) lose(fmt::format("cannot be synced ({})", std::strerror(error)));
}

/// The first reason is the one to tell.
void Journal::lose(const std::string& why) {
  if (std::exchange(lost_, true)) return;
  halt_.lose_record(fmt::format("--journal {} {}", shell_quote(open_.file.path()), why));
}

void Journal::close(int exit, TimePoint now) {
  text_.close(exit);
  if (retry_at_ != never) retry_at_ = now;
  commit(now);
  const bool broken = thread_ && thread_->error() != 0;
  thread_.reset();
  if (how_.when == Sync::When::interval && !broken) sync();
}

}  // namespace gentlify
