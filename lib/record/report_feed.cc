#include "lib/record/report_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/record/journal_record.h"

namespace gentlify {

namespace {

constexpr std::size_t most_sessions = 200;
constexpr std::size_t most_spans = 1000;
/// A run that says it was longer has a clock that was set.
constexpr Duration longest_run = from_seconds(4e9);

std::string text_of(const details::End& end) {
  if (end.by_fallback) return {};
  if (!end.exit) return "not run";
  switch (end.exit->kind) {
    case Exit::Kind::code: return fmt::format("exit {}", end.exit->value);
    case Exit::Kind::signal: return fmt::format("signal {}", end.exit->value);
    case Exit::Kind::unstarted: return fmt::format("errno {}", end.exit->value);
  }
  return {};
}

ReportBar::Kind kind_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::success: return ReportBar::Kind::success;
    case Verdict::failure: return ReportBar::Kind::failure;
    case Verdict::overload: return ReportBar::Kind::overload;
    case Verdict::permanent: return ReportBar::Kind::permanent;
    case Verdict::stopped: return ReportBar::Kind::stopped;
  }
  return {};
}

/// The limit of a run whose law never moves it, where that is a number.
std::optional<int> fixed_limit(const details::Pairs& settings) {
  std::optional<int> limit;
  bool fixed = false;
  for (const auto& [name, value] : settings) {
    if (name == "controller") fixed = value == "fixed";
    if (name != "max_concurrency") continue;
    int number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (parsed.ptr == value.data() + value.size() && number > 0) limit = number;
  }
  return fixed ? limit : std::nullopt;
}

/// Those that are nearest to each other become one, until half of them are left.
void thin(std::vector<RunReport::Span>& spans, Duration gap) {
  while (spans.size() > most_spans / 2 && gap < Duration::max() / 4) {
    std::vector<RunReport::Span> kept;
    for (const RunReport::Span& span : spans) {
      const auto last = std::find_if(kept.rbegin(), kept.rend(),
                                     [&](const RunReport::Span& k) { return k.gate == span.gate; });
      if (last != kept.rend() && span.from - last->to <= gap) {
        last->to = span.to;
      } else {
        kept.push_back(span);
      }
    }
    spans = std::move(kept);
    gap *= 2;
  }
}

void end_of_bar(ReportBar& bar, Duration from, Duration to) {
  bar.from = from;
  bar.to = std::max(from, to);
  bar.busy = bar.to - bar.from;
}

}  // namespace

bool ReportFeed::learn(std::string_view line) {
  const std::optional<details::Record> record = parser_.parse(line);
  if (!record) return false;
  if (report_.sessions.empty() && !std::holds_alternative<details::Head>(*record)) return false;
  std::visit([this](const auto& r) { learn(r); }, *record);
  return true;
}

void ReportFeed::learn(const details::Head& head) {
  // The first one of a journal stands there twice, so that a fault on the disk leaves one.
  if (!report_.sessions.empty()) {
    if (session().number == head.session && !session().exit) return;
    end_session();
  }
  by_content_ = by_content_ || head.known == Known::by_content;
  if (by_content_) {  // what is known of another list says nothing of this one
    report_.items = 0;
    report_.all_items = false;
  }
  report_.run = head.run;
  report_.labels.clear();
  for (const auto& [name, value] : head.labels) {
    report_.labels.push_back({std::string(name), std::string(value)});
  }
  report_.settings.assign(head.settings.begin(), head.settings.end());
  level_ = {};
  level_.limit = fixed_limit(head.settings);
  if (report_.sessions.size() == most_sessions) {
    report_.sessions.pop_back();
    ++report_.more_sessions;
  }
  RunReport::Session session;
  session.number = head.session;
  session.wall = head.at;
  session.begin = session.end = now_;
  session.version = head.version;
  report_.sessions.push_back(std::move(session));
}

void ReportFeed::learn(const details::Block& block) {
  if (block.items > 0) {
    report_.items = std::max(report_.items, block.first + block.items - 1);
  }
  report_.all_items = report_.all_items || block.last;
}

void ReportFeed::learn(const details::Start& start) {
  go_to(start.at);
  report_.items = std::max(report_.items, start.seq);
  open_[start.seq] = {now_, start.attempt, start.slot, start.again};
  level_.running = static_cast<int>(open_.size());
  report_.most_running = std::max(report_.most_running, level_.running);
  ReportBucket& bucket = report_.buckets.at(now_);
  ++bucket.starts;
  bucket.most_running = std::max(bucket.most_running, level_.running);
}

void ReportFeed::learn(const details::End& end) {
  go_to(end.at);
  report_.items = std::max(report_.items, end.seq);
  bool again = end.again;
  int attempt = end.attempt;
  if (end.by_fallback) {
    if (const auto node = in_fallback_.extract(end.seq)) attempt = node.mapped();
    if (end.fate == Fate::done) ++report_.saved;
  } else if (end.attempt > 0) {
    const auto found = open_.find(end.seq);
    if (found != open_.end()) again = found->second.again;
    end_attempt(end);
  } else {
    ++report_.without_attempt;
  }
  if (end.fate == Fate::fallback) in_fallback_[end.seq] = attempt;
  settle(end, again, attempt);
  const bool failed = end.verdict == Verdict::failure || end.verdict == Verdict::overload ||
                      end.verdict == Verdict::permanent;
  if (!failed) return;
  ReportFailures::Group group;
  group.ended = text_of(end);
  group.verdict = end.verdict;
  group.reason = end.reason;
  group.last_line = end.last_line;
  if (end.by_fallback) group.attempts = 0;
  report_.failures.add(std::move(group), end.seq, end.fate == Fate::failed, now_);
}

void ReportFeed::end_attempt(const details::End& end) {
  const auto verdict = static_cast<std::size_t>(end.verdict);
  ++report_.attempts[verdict];
  ++session().attempts;
  report_.cost += end.cost;
  report_.waited[static_cast<std::size_t>(end.gate)] += end.wait;
  report_.waits.add(end.wait);
  if (end.verdict != Verdict::stopped) {
    report_.ran.add(end.ran);
    if (end.verdict != Verdict::success) report_.ran_badly.add(end.ran);
  }
  ++report_.buckets.at(now_).ends[verdict];
  if (auto node = open_.extract(end.seq)) {
    ReportBar bar;
    bar.seq = end.seq;
    bar.attempt = end.attempt;
    bar.kind = kind_of(end.verdict);
    bar.bad = end.verdict == Verdict::success ? 0 : 1;
    // Where the clock was set meanwhile, what was measured holds.
    const Duration from = node.mapped().from;
    end_of_bar(bar, from, std::min(now_, from + end.ran));
    report_.bars.add(node.mapped().slot, bar);
  }
  level_.running = static_cast<int>(open_.size());
}

/// A job that an earlier session gave up, and that is settled again, is no longer what it was.
void ReportFeed::settle(const details::End& end, bool again, int attempt) {
  if (end.fate != Fate::done && end.fate != Fate::failed) return;
  if (again && report_.failed > 0) --report_.failed;
  if (attempt > 1) ++report_.repeated;
  if (end.fate == Fate::done) {
    ++report_.done;
    ++session().done;
  } else {
    ++report_.failed;
    ++session().failed;
  }
}

void ReportFeed::learn(const details::Adjusted& moved) {
  go_to(moved.at);
  // What was before the first move is known from it.
  ReportLevel before;
  if (!level_.limit) before.limit = moved.limit_before;
  if (!level_.interval) before.interval = moved.interval_before;
  if (before.limit || before.interval) {
    report_.buckets.spread(session().begin, now_, before);
  }
  level_.limit = moved.limit;
  level_.interval = moved.interval;
  if (!moved.cut) return;
  ++report_.cuts;
  ++report_.buckets.at(now_).cuts;
}

void ReportFeed::learn(const details::Starved& starved) {
  go_to(starved.at);
  ++report_.starved;
  open_.erase(starved.seq);
  level_.running = static_cast<int>(open_.size());
}

void ReportFeed::learn(const details::Held& held) {
  go_to(held.at);
  const bool pause = held.gate == Gate::pause;
  bool& on = pause ? level_.paused : level_.open;
  if (on == held.on) return;
  if (held.on) {
    (pause ? paused_since_ : open_since_) = now_;
  } else {
    close_span(held.gate, now_);
  }
  on = held.on;
}

void ReportFeed::learn(const details::Other& other) {
  if (other.at) go_to(*other.at);
}

void ReportFeed::learn(const details::Close& close) {
  go_to(close.at);
  session().exit = close.exit;
}

void ReportFeed::go_to(Duration at) {
  const Duration since = std::clamp(at - session().wall, Duration{}, longest_run);
  const Duration now = std::min(session().begin + since, longest_run);
  if (now <= now_) return;
  report_.buckets.spread(now_, now, level_);
  now_ = session().end = now;
}

void ReportFeed::close_span(Gate gate, Duration to) {
  report_.spans.push_back({gate, gate == Gate::pause ? paused_since_ : open_since_, to});
  if (report_.spans.size() > most_spans) thin(report_.spans, report_.buckets.width());
}

/// What is open then was cut short.
void ReportFeed::end_session() {
  if (level_.paused) close_span(Gate::pause, now_);
  if (level_.open) close_span(Gate::circuit, now_);
  level_ = {};
  for (const auto& [seq, attempt] : open_) {
    ReportBar bar;
    bar.seq = seq;
    bar.attempt = attempt.attempt;
    bar.kind = ReportBar::Kind::unfinished;
    bar.bad = 1;
    end_of_bar(bar, attempt.from, now_);
    report_.bars.add(attempt.slot, bar);
  }
  report_.unfinished += open_.size();
  open_.clear();
  in_fallback_.clear();
}

RunReport ReportFeed::report() const {
  ReportFeed last;
  last.report_ = report_;
  last.now_ = now_;
  last.level_ = level_;
  last.paused_since_ = paused_since_;
  last.open_since_ = open_since_;
  last.open_ = open_;
  const bool goes_on = !report_.sessions.empty() && !report_.sessions.back().exit;
  if (goes_on) last.report_.running = open_.size();
  last.end_session();
  return std::move(last.report_);
}

}  // namespace gentlify
