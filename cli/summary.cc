#include "cli/summary.h"

#include <fmt/format.h>

#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::size_t command_width = 60;
constexpr std::size_t failures_shown = 5;

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

/// The gates that held the run back, where that is worth a line: slots and input always do, a bit.
std::string waits(const RunFacts& facts, Duration ran) {
  std::vector<std::string> parts;
  bool notable = false;
  for (std::size_t i = 0; i < gate_count; ++i) {
    const auto gate = static_cast<Gate>(i);
    const Duration waited = facts.waited[i];
    if (!is_wait(gate) || waited * 100 < ran) continue;
    parts.push_back(fmt::format("{} {}", name(gate), human(waited)));
    notable = notable || (gate != Gate::slots && gate != Gate::input);
  }
  return notable ? "waited for: " + join(parts, ", ") : std::string();
}

/// What the journal says beyond this run, and the way to go on.
void add_record(const Progress& progress, const RunFacts& facts, std::vector<std::string>& lines) {
  if (facts.failed_before > 0) {
    lines.push_back(fmt::format("{} failed in earlier runs, and {} not run again",
                                counted(facts.failed_before, "job"),
                                facts.failed_before == 1 ? "was" : "were"));
  }
  if (facts.resume.empty()) return;
  const bool left = progress.stopped() > 0 || facts.not_started > 0 || facts.more_may_follow;
  lines.push_back((left ? "to go on with what is left: " : "to run again what has failed: ") +
                  facts.resume);
}

}  // namespace

std::string describe_failure(const FailedJobs::Entry& job) {
  std::string text;
  if (!job.unusable) text += clip(escape(job.command), command_width) + ": ";
  text += escape(job.reason);
  if (job.attempts > 1) text += fmt::format(" after {} attempts", job.attempts);
  if (!job.last_line.empty()) text += ": " + escape(job.last_line);
  return text;
}

std::vector<std::string> summary_lines(const Progress& progress, const RunFacts& facts,
                                       const FailedJobs& failed) {
  std::vector<std::string> lines;
  for (const FailedJobs::Entry& job : failed.entries()) {
    if (lines.size() == failures_shown) break;
    std::string line = fmt::format("failed: job {}", job.seq);
    // A fault in an item says itself where it is.
    const bool says_line = job.unusable && job.reason.starts_with("line ");
    if (job.line > 0 && !says_line) line += fmt::format(" (line {})", job.line);
    lines.push_back(line + ": " + describe_failure(job));
  }
  if (progress.failed() > lines.size()) {
    lines.push_back(fmt::format("failed: {} more", progress.failed() - lines.size()));
  }
  const Duration ran = facts.end - progress.start();
  const std::string waited = waits(facts, ran);
  if (!waited.empty()) lines.push_back(waited);

  if (!facts.halted.empty()) lines.push_back("halted with jobs left: " + facts.halted);
  std::vector<std::string> counts = {fmt::format("{} ok", progress.succeeded())};
  if (progress.saved() > 0) {
    counts.back() += fmt::format(" ({} by the fallback)", progress.saved());
  }
  if (progress.failed() > 0) counts.push_back(fmt::format("{} failed", progress.failed()));
  if (progress.stopped() > 0) counts.push_back(fmt::format("{} unfinished", progress.stopped()));
  if (facts.not_started > 0) {
    counts.push_back(fmt::format("{}{} not started", facts.more_may_follow ? "at least " : "",
                                 facts.not_started));
  } else if (facts.more_may_follow) {
    counts.emplace_back("the rest of the input not read");
  }
  const std::uint64_t jobs = progress.completed() + progress.stopped() + facts.not_started;
  std::string line = fmt::format("{} in {}", counted(jobs, "job"), human(ran));
  if (progress.completed() > 1 && ran > Duration{}) {
    line += fmt::format(" ({:.1f}/s)", static_cast<double>(progress.completed()) / seconds(ran));
  }
  line += ": " + join(counts, ", ");
  if (progress.repeated() > 0) {
    line += fmt::format(" · {}, {} needed more than one", counted(progress.attempts(), "attempt"),
                        counted(progress.repeated(), "job"));
  }
  if (progress.cuts() > 0)
    line += fmt::format(" · slowed down {}", counted(progress.cuts(), "time"));
  lines.push_back(line);
  add_record(progress, facts, lines);
  return lines;
}

}  // namespace gentlify
