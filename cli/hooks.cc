#include "cli/hooks.h"

#include <algorithm>
#include <utility>

#include "cli/journaling.h"
#include "lib/control/law.h"

namespace gentlify {

namespace {

/// So many fallbacks run at once where jobs have no limit.
constexpr int most_fallbacks = 64;

/// Worth a call. Starts and ends of jobs are many, and --events has them.
bool is_of_note(const Event& event) {
  if (const auto* adjusted = std::get_if<event::Adjusted>(&event)) {
    return adjusted->kind != event::Adjusted::Kind::ramp;
  }
  return !std::holds_alternative<event::Started>(event) &&
         !std::holds_alternative<event::Dropped>(event);
}

}  // namespace

RunHooks::RunHooks(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host,
                   const Launcher::Settings& jobs, int most_jobs, Display& display)
    : environment_(request.job_environment, run, false),
      text_(record_settings(request, plan), Known::by_number) {
  const Settings& s = request.settings;
  const bool tells = !s.on_event.empty() || !s.on_retry.empty();
  if (!tells && s.fallback.empty()) return;
  const SessionHead session = session_head(request, plan, run);
  text_ = JournalText(record_settings(request, plan), session.head.known);
  launcher_.emplace(s.shell, jobs, environment_);
  if (!s.fallback.empty()) {
    const int at_once = most_jobs == no_cap ? most_fallbacks : most_jobs;
    const auto record = [this](const event::Ended& e, TimePoint now) { return record_of(e, now); };
    fallbacks_.emplace(*launcher_,
                       Fallbacks::Settings{s.fallback, s.hook_timeout, at_once, record});
  }
  if (!tells) return;
  hooks_.emplace(host, *launcher_,
                 Hooks::Settings{s.on_event, s.on_retry, s.hook_timeout, s.kill_grace},
                 [&display](const std::string& sentence) { display.note(sentence); });
  text_.head(session.head, session.about);
  hooks_->tell(std::exchange(text_.pending(), {}));
}

void RunHooks::join(Engine& engine, Scheduler& scheduler) {
  if (hooks_) engine.look_after(*hooks_);
  if (!fallbacks_) return;
  engine.fall_back(*fallbacks_);
  scheduler.expect_fallbacks();
}

std::string RunHooks::record_of(const Event& event, TimePoint now) {
  text_.event(event, now);
  return std::exchange(text_.pending(), {});
}

void RunHooks::on_event(const Event& event, TimePoint now) {
  if (!hooks_) return;
  if (const auto* e = std::get_if<event::Ended>(&event)) {
    ended(*e, now);
  } else if (is_of_note(event) && hooks_->wants_events()) {
    hooks_->tell(record_of(event, now));
  }
}

/// All are counted, for the last record.
void RunHooks::ended(const event::Ended& ended, TimePoint now) {
  std::string record = record_of(ended, now);
  if (ended.fate == Fate::failed) hooks_->tell(record);
  const bool failed = ended.outcome.verdict != Verdict::stopped;
  if (ended.fate == Fate::retry && failed) hooks_->tell_retry(ended.job, std::move(record));
}

std::vector<std::string> RunHooks::close(int exit) {
  if (!hooks_) return {};
  text_.close(exit);
  hooks_->tell(std::exchange(text_.pending(), {}));
  hooks_->finish();
  return hooks_->complaints();
}

}  // namespace gentlify
