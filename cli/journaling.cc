#include "cli/journaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>

#include "cli/control_settings.h"
#include "cli/values.h"
#include "cli/version.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"

namespace gentlify {

namespace {

/// Texts, each with its length before it, so that no two lists read the same.
class Text {
 public:
  Text& add(std::string_view part) {
    text_ += fmt::format("{}:", part.size());
    text_ += part;
    return *this;
  }
  Text& flag(bool is_set) { return add(is_set ? "1" : "0"); }
  std::uint64_t digest() const { return gentlify::digest(text_); }

 private:
  std::string text_;
};

std::uint64_t command_digest(const RunRequest& request) {
  Text text;
  for (const std::string& word : request.command) text.add(word);
  if (request.command.empty()) text.add("shell").add(request.settings.shell);
  return text.add(request.settings.replace).digest();
}

/// How the input becomes items.
std::uint64_t mode_digest(const RunRequest& request, const std::string& head) {
  const Settings& s = request.settings;
  Text text;
  text.flag(s.null).add(s.delimiter).flag(s.csv).flag(s.tsv).add(s.colsep).flag(s.header);
  text.flag(s.jsonl).flag(s.keep_empty).add(std::to_string(s.max_items)).flag(s.stdin_item);
  text.flag(s.shuf).add(head);
  // The numbers of pushed jobs are those of another list, and a journal of leased ones lacks most.
  if (s.fleet_jobs != "none") text.add(s.fleet_jobs);
  return text.digest();
}

std::uint64_t directory_digest(const Settings& s) {
  std::error_code error;
  const auto directory = std::filesystem::canonical(s.workdir.empty() ? "." : s.workdir, error);
  return Text().add(error ? s.workdir : directory.string()).digest();
}

Journal::Sync sync_of(const Settings& s) {
  using When = Journal::Sync::When;
  if (s.journal_sync == "always") return {When::always, {}};
  if (s.journal_sync == "off") return {When::off, {}};
  return {When::interval, *parse_duration(s.journal_sync)};
}

bool goes_on(const Settings& s) {
  return s.resume != "false" || s.resume_failed || s.repair;
}

}  // namespace

JournalRequest journal_request(const RunRequest& request, const std::string& head) {
  const Settings& s = request.settings;
  JournalRequest journal;
  journal.path = s.journal;
  journal.resume = goes_on(s);
  journal.again = s.resume_failed;
  journal.repair = s.repair;
  journal.pushed = s.fleet_jobs == "stream";
  journal.known = s.resume == "content" ? Known::by_content : Known::by_number;
  journal.command = command_digest(request);
  journal.mode = mode_digest(request, head);
  journal.directory = directory_digest(s);
  journal.new_run = random_number();
  journal.pushed = s.fleet_jobs == "stream";
  return journal;
}

JournalText::Settings record_settings(const RunRequest& request, const Plan& plan) {
  const Settings& s = request.settings;
  JournalText::Settings how;
  if (s.journal_commands) {
    how.command_of = [&plan](const Job& job) { return plan.command.describe(job); };
  }
  how.last_lines = s.journal_output == "line";
  how.clock = wall_now;
  if (plan.journal) {
    how.done = plan.journal->past->done();
    how.failed = plan.journal->past->failed();
  }
  return how;
}

SessionHead session_head(const RunRequest& request, const Plan& plan, std::uint64_t run) {
  JournalText::Session about{std::string(version_text), labels_of(request.settings),
                             request.changed_settings};
  if (plan.journal) return {plan.journal->head, std::move(about)};
  JournalRequest none = journal_request(request, plan.head);
  none.new_run = run;
  return {first_head(none), std::move(about)};
}

Journaling::Journaling(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host,
                       Halt& halt, Broadcast& listeners, Engine& engine)
    : request_(request), open_(plan.journal.get()) {
  const Settings& s = request.settings;
  if (open_ == nullptr && s.events.empty()) return;
  const auto [head, session] = session_head(request, plan, run);
  const JournalText text(record_settings(request, plan), head.known);
  // It can be refused, and the journal's head would say that a run began.
  if (!s.events.empty()) events_.emplace(s.events, host, text, halt);
  if (open_ != nullptr) {
    open_->past->find_started_by([this](std::uint64_t first, std::uint64_t last) {
      return find_started(open_->file.fd(), first, last);
    });
    journal_.emplace(*open_, text, session, sync_of(s), halt);
    listeners.add(*journal_);
    ledgers_.add(*journal_);
  }
  if (events_) {
    events_->begin(head, session);
    listeners.add(*events_);
    ledgers_.add(*events_);
  }
  engine.keep(ledgers_);
}

std::string Journaling::greeting() const {
  if (open_ == nullptr) return {};
  const Settings& s = request_.settings;
  const std::string file = shell_quote(s.journal);
  if (open_->head.session == 1) {
    return goes_on(s) ? fmt::format("there is no run in {} yet: this is its first", file) : "";
  }
  const JournalPast& past = *open_->past;
  const std::string_view how = open_->head.known == Known::by_content ? ", by content" : "";
  std::string text =
      fmt::format("going on with the run in {}{}: {} done", file, how, past.done_text());
  if (past.failed() > 0) {
    text += fmt::format(", {} failed{}", past.failed(),
                        request_.settings.resume_failed ? " and to be run again" : "");
  }
  if (past.unfinished() > 0) text += fmt::format(", {} begun and not finished", past.unfinished());
  return text;
}

std::uint64_t Journaling::failed_before() const {
  return open_ == nullptr ? 0 : open_->past->failed_for_good();
}

std::string Journaling::mismatch() const {
  if (open_ == nullptr || open_->past->mismatch().empty()) return {};
  return fmt::format(
      "--journal {}: {}: the list has changed; --resume=content runs what is new in it, and a new "
      "journal runs it all",
      shell_quote(request_.settings.journal), open_->past->mismatch());
}

std::string Journaling::resume_command(bool unfinished, bool failed) const {
  if (open_ == nullptr || !mismatch().empty() || (!unfinished && !failed && failed_before() == 0))
    return {};
  const Settings& s = request_.settings;
  // What is left may have taken the place of the list.
  const bool is_cut =
      !s.not_done.empty() && std::find(s.input.begin(), s.input.end(), s.not_done) != s.input.end();
  const std::string_view flag = !unfinished ? "--resume-failed"
                                : is_cut    ? "--resume=content"
                                            : "--resume";
  const bool said = unfinished ? goes_on(s) && (!is_cut || s.resume == "content") : s.resume_failed;
  // The last flag wins.
  std::vector<std::string> words = request_.invocation;
  auto behind = words.begin() + static_cast<std::ptrdiff_t>(request_.flag_words);
  if (*std::prev(behind) == "--") --behind;
  if (!said) words.emplace(behind, flag);
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  text = without_passwords(text);
  const bool by_pipe =
      !request_.lists &&
      (s.input.empty() || std::find(s.input.begin(), s.input.end(), "-") != s.input.end());
  if (by_pipe) text += " (with the same standard input)";
  return text;
}

void Journaling::close(int exit, Duration patience) {
  if (events_) events_->close(exit, patience);
  if (events_ && events_->is_lost()) exit = static_cast<int>(ExitCode::output_failed);
  if (journal_) journal_->close(exit, monotonic_now());
}

}  // namespace gentlify
