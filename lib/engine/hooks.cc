#include "lib/engine/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>
#include <utility>

#include "lib/core/text.h"
#include "lib/engine/classify.h"
#include "lib/engine/clock.h"
#include "lib/engine/engine.h"
#include "lib/engine/process_group.h"

namespace gentlify {

namespace {

/// So many bytes of lines wait for a call of --on-event, and so many are left when some are
/// dropped.
constexpr std::size_t most_lines = 1 << 20;
constexpr std::size_t enough_lines = most_lines / 4 * 3;
/// So many calls of --on-retry run at once, so many wait, and they hold so much.
constexpr int retries_at_once = 4;
constexpr std::size_t most_retries = 1000;
constexpr std::size_t most_bytes = 16 << 20;
/// With so much waiting for the reader of stderr what hooks write is dropped.
constexpr std::uint64_t most_pending = 1 << 20;
constexpr Duration try_each = std::chrono::seconds(1);
constexpr Duration check_stopped_each = std::chrono::milliseconds(20);
/// How long the ends of killed calls are waited for before we end.
constexpr Duration last_patience = std::chrono::milliseconds(500);

std::size_t size_of(const Job& job) {
  std::size_t size = job.item.size();
  for (std::size_t i = 0; i < job.parts.size(); ++i) size += job.parts[i].size();
  return size;
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Hooks::Hooks(Host& host, HookLauncher& launcher, Settings settings, Note note)
    : host_(host), launcher_(launcher), settings_(std::move(settings)), note_(std::move(note)) {}

Hooks::~Hooks() = default;

void Hooks::tell(std::string_view lines) {
  if (!wants_events()) return;
  lines_ += lines;
  if (lines_.size() <= most_lines) return;
  const std::size_t end = lines_.find('\n', lines_.size() - enough_lines) + 1;
  drop(Kind::event, count_lines(std::string_view(lines_).substr(0, end)));
  lines_.erase(0, end);
}

void Hooks::tell_retry(const Job& job, std::string record) {
  if (!wants_retries()) return;
  const std::size_t size = size_of(job);
  if (queue_.size() >= most_retries || queued_bytes_ + size > most_bytes) {
    return drop(Kind::retry, 1);
  }
  queued_bytes_ += size;
  queue_.push_back({job, std::move(record)});
}

void Hooks::drop(Kind kind, std::uint64_t count) {
  Account& of = account(kind);
  if (of.dropped == 0) {
    note_(kind == Kind::event
              ? "--on-event is too slow: the oldest records that it was not told of are dropped"
              : "--on-retry is too slow: calls of it are left out");
  }
  of.dropped += count;
}

void Hooks::look(TimePoint now) {
  ended_.clear();
  if (next_check_ <= now) look_after_stopped(now);
  for (auto call = calls_.begin(); call != calls_.end();) {
    Call& each = *call++;  // one that is let go of leaves the list
    if (each.due <= now) on_due(each, now);
  }
  ended_.clear();
  if (!closed_ && not_before_ <= now) start_some(now);
}

TimePoint Hooks::next() const {
  const bool waits = !closed_ && (!lines_.empty() || !queue_.empty());
  TimePoint next = std::min(next_check_, waits && not_before_ > TimePoint{} ? not_before_ : never);
  for (const Call& call : calls_) next = std::min(next, call.due);
  return next;
}

int Hooks::running(Kind kind) const {
  return static_cast<int>(
      std::count_if(calls_.begin(), calls_.end(), [&](const Call& c) { return c.kind == kind; }));
}

void Hooks::start_some(TimePoint now) {
  not_before_ = TimePoint{};
  if (!lines_.empty() && running(Kind::event) == 0) {
    if (!start(Kind::event, lines_, nullptr, now)) return;
    lines_.clear();
  }
  while (!queue_.empty() && running(Kind::retry) < retries_at_once) {
    const Retry& next = queue_.front();
    if (!start(Kind::retry, next.record, &next.job, now)) return;
    queued_bytes_ -= size_of(next.job);
    queue_.pop_front();
  }
}

bool Hooks::start(Kind kind, std::string_view input, const Job* job, TimePoint now) {
  const std::string& command = kind == Kind::event ? settings_.on_event : settings_.on_retry;
  Launcher::Launched launched = launcher_.launch({command, input, job});
  const int error = launched.child.error;
  if (launched.child.pid < 0 && Launcher::is_shortage(error)) {
    not_before_ = later(now, try_each);
    return false;
  }
  ++account(kind).calls;
  if (launched.child.pid < 0) {
    fail(kind, launched.problem.empty() ? std::strerror(error) : launched.problem);
    return true;
  }
  calls_.emplace_back(host_.watch, *this, kind, std::move(launched.child),
                      std::move(launched.pipes));
  Call& call = calls_.back();
  call.self = std::prev(calls_.end());
  if (settings_.timeout > Duration{}) call.due = later(now, settings_.timeout);
  return true;
}

/// One complaint is enough; in the end they are counted.
void Hooks::fail(Kind kind, const std::string& why) {
  if (++account(kind).failed > 1) return;
  note_(fmt::format("{}: {}; the run goes on, and of further ones only the number is told",
                    kind == Kind::event ? "--on-event" : "--on-retry", why));
}

void Hooks::on_output(Process& process, Stream stream, std::string_view bytes) {
  auto& call = static_cast<Call&>(process);
  bytes = bytes.substr(0, call.room);
  call.room -= bytes.size();
  std::string& line = call.lines[static_cast<std::size_t>(stream)];
  line += bytes;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = line.find('\n', begin)) != std::string::npos; begin = end + 1) {
    show(call, std::string_view(line).substr(begin, end - begin));
  }
  line.erase(0, begin);
}

/// On a line of its own, and on a terminal so that it can do nothing but be read.
void Hooks::show(Call&, std::string_view line) const {
  if (host_.console.pending() > most_pending) return;
  host_.console.line(host_.console.error_is_terminal() ? escape(line) : std::string(line));
}

void Hooks::on_exit(Process& process) {
  auto& call = static_cast<Call&>(process);
  const Exit exit = launcher_.end_of(call.pid(), call.exit());
  call.close_output();
  not_before_ = TimePoint{};  // what it had of this machine is free
  for (const std::string& line : call.lines) {
    if (!line.empty()) show(call, line);
  }
  if (call.stage != Stage::running && !closed_) {
    fail(call.kind, "timeout after " + human(settings_.timeout));
  } else if ((exit.kind != Exit::Kind::code || exit.value != 0) && !closed_) {
    fail(call.kind, classify(exit, {}).reason);
  }
  ended_.splice(ended_.end(), calls_, call.self);
}

/// It takes too long, or does so although it was stopped, or killed.
void Hooks::on_due(Call& call, TimePoint now) {
  switch (call.stage) {
    case Stage::running:
      call.stage = Stage::stopping;
      call.due = later(now, settings_.kill_grace);
      next_check_ = std::min(next_check_, later(now, check_stopped_each));
      return call.stop();
    case Stage::stopping:
      call.stage = Stage::killed;
      call.due = later(now, kill_patience);
      call.signal(SIGKILL);
      return call.expect_end();
    case Stage::killed: give_up_child(); return call.abandon();
  }
}

/// Takes the ends of stopped calls whose groups have ended, too.
void Hooks::look_after_stopped(TimePoint now) {
  const std::optional<std::unordered_set<pid_t>> busy = busy_groups();
  bool more = false;
  for (auto call = calls_.begin(); call != calls_.end();) {
    Call& each = *call++;
    if (each.stage != Stage::stopping) continue;
    more = true;
    if (busy && !busy->contains(each.pid())) each.reap();
  }
  next_check_ = more ? later(now, check_stopped_each) : never;
}

void Hooks::end() {
  closed_ = true;
  lines_.clear();
  queue_.clear();
  for (auto call = calls_.begin(); call != calls_.end();) {
    Call& each = *call++;
    if (std::exchange(each.stage, Stage::killed) == Stage::killed) continue;
    each.due = later(monotonic_now(), kill_patience);
    each.signal(SIGKILL);
    each.expect_end();
  }
}

void Hooks::finish() {
  wait(settings_.timeout > Duration{} ? later(monotonic_now(), settings_.timeout) : never);
  if (!closed_) {
    for (const Call& call : calls_) fail(call.kind, "timeout after " + human(settings_.timeout));
    account(Kind::event).dropped += count_lines(lines_);
    account(Kind::retry).dropped += queue_.size();
  }
  end();
  wait(later(monotonic_now(), last_patience));
}

void Hooks::wait(TimePoint end) {
  for (TimePoint now = monotonic_now(); now < end; now = monotonic_now()) {
    look(now);
    host_.console.flush();
    if (is_idle()) return;
    const TimePoint wake = std::min(next(), end);
    if (wake == never) {
      host_.io.run_one();
    } else {
      host_.io.run_one_until(to_steady(wake));
    }
  }
}

void Hooks::signal(int signal) const {
  for (const Call& call : calls_) call.signal(signal);
}

void Hooks::add_pids(std::unordered_set<pid_t>& pids) const {
  for (const Call& call : calls_) pids.insert(call.pid());
}

std::vector<std::string> Hooks::complaints() const {
  std::vector<std::string> sentences;
  for (const auto& [flag, of, what] :
       {std::tuple("--on-event", accounts_[0], "record"), {"--on-retry", accounts_[1], "call"}}) {
    if (of.failed > 0) {
      sentences.push_back(
          fmt::format("{}: {} of {} failed", flag, of.failed, counted(of.calls, "call")));
    }
    if (of.dropped > 0) {
      sentences.push_back(fmt::format("{}: {} left out", flag, counted(of.dropped, what)));
    }
  }
  return sentences;
}

}  // namespace gentlify
