#include "lib/record/journal_by_number.h"

#include <fmt/format.h>

#include <algorithm>

namespace gentlify {

bool JournalByNumber::learn_block(const record::Block& block) {
  const auto before = blocks_.find(index_of(block.first));
  if (before != blocks_.end() && block.items < before->second.items) return false;
  const std::uint64_t end = block.first - 1 + block.items;
  forget_total(end);
  if (block.last) total_ = end;
  if (block.items == 0) return true;
  Block& known = blocks_[index_of(block.first)];
  known.items = block.items;
  known.hash = block.hash;
  known.started.erase(known.started.begin(), known.started.lower_bound(block.items));
  return true;
}

/// The input had an item with that number, and so has grown where it was taken to end before.
void JournalByNumber::forget_total(std::uint64_t seq) {
  if (total_ && *total_ < seq) total_.reset();
}

/// The item with that number makes that job. False: it made another one.
bool JournalByNumber::meet(Block& block, std::uint64_t seq, const Identity& job) {
  const std::uint32_t place = place_of(seq);
  if (place < block.items) return true;
  const auto [known, is_new] = block.started.try_emplace(place, job);
  if (!is_new && known->second != job) return false;
  forget_total(seq);
  return true;
}

/// The job runs, or ends, once more.
void JournalByNumber::retract_failure(Block& block, std::uint32_t place) {
  if (!block.failed[place]) return;
  block.failed[place] = false;
  --failed_;
}

bool JournalByNumber::learn_start(const record::Start& start) {
  Block& block = blocks_[index_of(start.seq)];
  const std::uint32_t place = place_of(start.seq);
  if (block.done[place] || !meet(block, start.seq, start.job)) return false;
  retract_failure(block, place);
  open_[start.seq].attempts = start.attempt - 1;
  return true;
}

bool JournalByNumber::learn_end(const record::End& end) {
  Block& block = blocks_[index_of(end.seq)];
  const std::uint32_t place = place_of(end.seq);
  if (block.done[place] || (block.failed[place] && !end.failed_before)) return false;
  if (end.job && !meet(block, end.seq, *end.job)) return false;
  retract_failure(block, place);
  count(end.fate);
  switch (end.fate) {
    case Fate::done: block.done[place] = true; break;
    case Fate::failed: block.failed[place] = true; break;
    case Fate::retry:
    case Fate::fallback:
    case Fate::not_done: {
      const int taken_back = end.verdict == Verdict::stopped ? 1 : 0;
      Open& open = open_[end.seq];
      // Without an attempt there are as many as there were.
      const int attempts = end.attempt == 0 ? open.attempts : end.attempt - taken_back;
      open = {std::max(0, attempts), end.failures, end.overloads};
      return true;
    }
  }
  open_.erase(end.seq);
  return true;
}

/// So many items of the block are known to have been there.
std::uint32_t JournalByNumber::known_size(const Block& block) {
  std::uint32_t size = block.items;
  if (!block.started.empty()) size = std::max(size, block.started.rbegin()->first + 1);
  for (std::uint32_t place = block_size; place > size; --place) {
    if (block.done[place - 1] || block.failed[place - 1]) return place;
  }
  return size;
}

void JournalByNumber::settle() {
  JournalPast::settle();
  if (!blocks_.empty()) {
    const auto& [index, block] = *blocks_.rbegin();
    known_items_ = index * block_size + known_size(block);
  }
}

JournalByNumber::Block* JournalByNumber::find(std::uint64_t seq) {
  const auto known = blocks_.find(index_of(seq));
  return known == blocks_.end() ? nullptr : &known->second;
}

Past::Answer JournalByNumber::take_pushed(Job& job) {
  const std::uint64_t seq = number(job.id);
  job.identity = identify(job);
  job.key = key_of(job.identity, Known::by_number, seq);
  Block* const block = find(seq);
  if (block != nullptr) {
    const auto known = block->started.find(place_of(seq));
    if (known != block->started.end() && known->second != job.identity) {
      mismatch_ = fmt::format("job {} is not what that run has had", seq);
      return Answer::changed;
    }
  }
  return answer(job, seq, block);
}

Past::Answer JournalByNumber::take(Job& job) {
  if (pushed_) return take_pushed(job);
  const std::uint64_t seq = ++taken_;
  const std::uint32_t place = place_of(seq);
  if (place == 0) {
    seen_.clear();
    hash_.reset();
  }
  job.identity = identify(job);
  job.key = key_of(job.identity, Known::by_number, seq);
  seen_.push_back({job.identity, job.line});
  hash_.add(job.identity);
  Block* const block = find(seq);
  if (block != nullptr && seq <= known_items_) compare(*block);
  if (!mismatch_.empty()) return Answer::changed;
  if (place + 1 == block_size && (block == nullptr || block->items < block_size)) tell_block(false);
  return answer(job, seq, block);
}

/// What is known of the job decides.
Past::Answer JournalByNumber::answer(Job& job, std::uint64_t seq, Block* block) {
  if (block == nullptr) return Answer::run;
  const std::uint32_t place = place_of(seq);
  if (block->done[place] || (block->failed[place] && !again_)) {
    to_skip_ -= std::min<std::uint64_t>(to_skip_, 1);
    return Answer::skip;
  }
  job.failed_before = block->failed[place];
  if (const auto open = open_.find(seq); open != open_.end()) {
    job.earlier_attempts = open->second.attempts;
    job.failures = open->second.failures;
    job.overloads = open->second.overloads;
  }
  return Answer::run;
}

/// The items that have come of a block, as soon as there is something to compare them with.
void JournalByNumber::compare(const Block& block) {
  const std::size_t size = seen_.size();
  if (size == block.items && hash_.value() != block.hash) return tell_change(block);
  if (size != block_size && taken_ != known_items_) return;
  for (const auto& [place, identity] : block.started) {
    if (place < size && seen_[place].identity != identity) return tell_change(block);
  }
  verified_ = taken_;
}

/// "line 7 of the input", "lines 1 to 1024 of the input"; jobs where they are not lines in order.
std::string JournalByNumber::lines_of(std::size_t from, std::size_t to) const {
  const std::uint64_t first = seen_[from].line;
  const std::uint64_t last = seen_[to].line;
  const std::uint64_t base = index_of(taken_) * block_size + 1;
  const bool lines = first > 0 && last - first >= to - from && first <= last;
  const std::uint64_t a = lines ? first : base + from;
  const std::uint64_t b = lines ? last : base + to;
  const std::string_view what = lines ? "line" : "item";
  return a == b ? fmt::format("{} {} of the input is", what, a)
                : fmt::format("{0}s {1} to {2} of the input, or some of them, are", what, a, b);
}

void JournalByNumber::tell_change(const Block& block) {
  const std::uint64_t first = index_of(taken_) * block_size + 1;
  JournalPast::Started started(block.started.begin(), block.started.end());
  for (auto& [place, identity] : started) place += first;
  if (find_started_) {
    const Started more = find_started_(first, first + seen_.size() - 1);
    started.insert(started.end(), more.begin(), more.end());
  }
  std::optional<std::size_t> changed;
  for (const auto& [seq, identity] : started) {
    const auto place = static_cast<std::size_t>(seq - first);
    if (place >= seen_.size() || seen_[place].identity == identity) continue;
    changed = std::min(changed.value_or(place), place);
  }
  mismatch_ = lines_of(changed.value_or(0), changed.value_or(seen_.size() - 1)) +
              " not what that run has read";
}

bool JournalByNumber::end() {
  if (pushed_) return true;
  if (taken_ < known_items_) {
    mismatch_ = fmt::format("the input ends after {} item{}, and that run has read {} at least",
                            taken_, taken_ == 1 ? "" : "s", known_items_);
    return false;
  }
  if (total_ != taken_) tell_block(true);
  return true;
}

void JournalByNumber::tell_block(bool last) {
  if (!on_block_) return;
  const std::uint32_t items = taken_ % block_size == 0 && last ? 0 : place_of(taken_) + 1;
  const std::uint64_t first = items == 0 ? taken_ + 1 : index_of(taken_) * block_size + 1;
  on_block_({first, items, items == 0 ? 0 : hash_.value(), last});
}

}  // namespace gentlify
