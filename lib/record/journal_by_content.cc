#include "lib/record/journal_by_content.h"

#include <algorithm>

namespace gentlify {

/// The jobs that the session has left open.
void JournalByContent::learn_session() {
  for (const auto& [seq, begun] : running_) {
    open_[begun.job].push_back(begun);
    ++open_count_;
  }
  running_.clear();
}

/// Room that is made at once is not copied, and so never needed twice.
void JournalByContent::expect(std::uint64_t done) {
  constexpr std::uint64_t unfinished = 1 << 14;
  counts_.reserve(done + unfinished);
}

void JournalByContent::settle() {
  learn_session();
  JournalPast::settle();
}

/// One of those that are the same, with this key where one is named.
std::optional<JournalByContent::Begun> JournalByContent::extract(
    Jobs& jobs, const Identity& job, const std::optional<Identity>& key) {
  const auto same = jobs.find(job);
  if (same == jobs.end()) return {};
  std::deque<Begun>& list = same->second;
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Begun& begun) { return !key || begun.key == *key; });
  if (found == list.end()) return {};
  const Begun begun = *found;
  list.erase(found);
  if (list.empty()) jobs.erase(same);
  return begun;
}

/// The job as earlier sessions have left it, and no longer among those; or a new one. Where jobs
/// were known by their numbers, that gives the key.
JournalByContent::Begun JournalByContent::go_on(const Identity& job,
                                                const std::optional<Identity>& named,
                                                std::uint64_t seq, bool failed_before) {
  const Identity key = named.value_or(key_of(job, Known::by_number, seq));
  if (failed_before) {
    if (const auto begun = extract(failures_, job, key)) {
      --failed_;
      return *begun;
    }
  }
  if (const auto begun = extract(open_, job, key)) {
    --open_count_;
    return *begun;
  }
  ++counts_.of(job).begun;
  Begun begun;
  begun.job = job;
  begun.key = key;
  return begun;
}

bool JournalByContent::learn_start(const record::Start& start) {
  if (!first_head()) return false;  // it has no key
  auto running = running_.find(start.seq);
  if (running != running_.end() && running->second.job != start.job) {
    // Another session has begun, and its head is lost.
    learn_session();
    running = running_.end();
  }
  Begun begun = running == running_.end()
                    ? go_on(start.job, start.key, start.seq, start.failed_before)
                    : running->second;
  begun.attempts = start.attempt - 1;
  running_.insert_or_assign(start.seq, begun);
  return true;
}

bool JournalByContent::learn_end(const record::End& end) {
  if (!first_head()) return false;
  const auto known = running_.find(end.seq);
  // Where the start is lost, what has ended is not known.
  if (known == running_.end() && !end.job) return true;
  if (known != running_.end() && end.job && known->second.job != *end.job) return false;
  const auto running = running_.extract(end.seq);
  Begun begun =
      running.empty() ? go_on(*end.job, end.key, end.seq, end.failed_before) : running.mapped();
  count(end.fate);
  switch (end.fate) {
    case Fate::done: ++counts_.of(begun.job).done; break;
    case Fate::failed: failures_[begun.job].push_back(begun); break;
    case Fate::retry:
    case Fate::fallback:
    case Fate::not_done:
      // Without an attempt there are as many as there were.
      if (end.attempt > 0) {
        begun.attempts = end.attempt - (end.verdict == Verdict::stopped ? 1 : 0);
      }
      begun.failures = end.failures;
      begun.overloads = end.overloads;
      running_.insert_or_assign(end.seq, begun);
      break;
  }
  return true;
}

/// First come those that are done, then those that have failed, then those that were begun.
Past::Answer JournalByContent::take(Job& job) {
  ++taken_;
  job.identity = identify(job);
  IdentityCounts::Entry& counts = counts_.of(job.identity);
  if (counts.done > 0) {
    --counts.done;
    --to_skip_;
    return Answer::skip;
  }
  if (const auto failed = extract(failures_, job.identity, {})) {
    if (!again_) {
      --to_skip_;
      return Answer::skip;
    }
    job.failed_before = true;
    job.key = failed->key;
  } else if (const auto begun = extract(open_, job.identity, {})) {
    job.key = begun->key;
    job.earlier_attempts = begun->attempts;
    job.failures = begun->failures;
    job.overloads = begun->overloads;
  }
  if (job.key == Identity{}) job.key = key_of(job.identity, Known::by_content, counts.begun++);
  return Answer::run;
}

}  // namespace gentlify
