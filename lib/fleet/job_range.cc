#include "lib/fleet/job_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/core/job_identity.h"
#include "lib/fleet/job_calls.h"

namespace gentlify::fleet {

namespace {

using namespace job_calls;

/// Ends told in one call.
constexpr std::size_t most_ends = 4096;
/// Runs of items that were left out, told in one call.
constexpr std::size_t most_runs = 1024;
constexpr std::size_t most_checkpoints = 32;
constexpr std::uint64_t most_leased = 1024;
/// Ranges in which something is left to do: where many jobs may run, as many, up to what fits into
/// a reply.
constexpr std::size_t least_ranges = 64;
constexpr std::size_t most_ranges = 4096;

constexpr std::uint64_t checkpoint = 4096;

bool is_checkpoint(std::uint64_t n) {
  return n < checkpoint ? (n & (n - 1)) == 0 : n % checkpoint == 0;
}

/// "first count first count ..." as firsts and lasts, in order.
std::vector<std::pair<std::uint64_t, std::uint64_t>> parse_ranges(std::string_view text) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&] {
    while (at != end && *at == ' ') ++at;
    std::uint64_t n = 0;
    at = std::from_chars(at, end, n).ptr;
    return n;
  };
  while (at != end) {
    const char* const before = at;
    const std::uint64_t first = number();
    const std::uint64_t count = number();
    if (at == before || first == 0 || count == 0) break;
    ranges.emplace_back(first, first + count - 1);
  }
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

}  // namespace

JobRange::JobRange(Settings settings) : settings_(std::move(settings)) {}

std::span<const std::string_view> JobRange::keys() const {
  static constexpr std::array<std::string_view, 6> names = {"r", "rl", "rf", "dn", "ex", "st"};
  return names;
}

SharedList::Take JobRange::take(Job& job) {
  if (problem_.code != ExitCode::ok) return Take::end;
  if (unsure_ && !leaving_ && !over_) return Take::wait;
  for (auto& [first, range] : ranges_) {
    switch (look(first, range, job)) {
      case Found::given: check_stock(); return Take::job;
      case Found::input: return Take::input;
      case Found::nothing: break;
    }
  }
  // The input cannot be read to its end, and so nothing more of it can be run here.
  const bool is_broken = shown_all_ && !counted_all_;
  if (leaving_ || is_broken) return Take::end;
  // What is on record here as done with may be about to run elsewhere.
  if (settings_.goes_on && !shown_all_ && shown_ + 1 < next_item_) {
    hungry_ = true;
    return Take::input;
  }
  // Who has not read all of it has not been compared to its end.
  if (over_ && !shown_all_) return Take::input;
  if (over_ && end_told_) return Take::end;
  hungry_ = true;
  return Take::wait;
}

/// The first of the range that was not taken.
JobRange::Found JobRange::look(std::uint64_t first, Range& range, Job& job) {
  for (; range.at < range.count; ++range.at) {
    const std::uint64_t n = first + range.at;
    if (end_ && n > *end_) break;
    if (is_settled(first, range, n) || taken_.contains(n)) continue;
    if (n > shown_ && !shown_all_) return Found::input;
    const auto item = items_.find(n);
    if (item != items_.end()) {
      job = std::move(item->second);
      items_.erase(item);
      taken_.insert(n);
      ++range.at;
      return Found::given;
    }
    if (n > shown_ && (!counted_all_ || n > counted_)) break;
    // It was read and left out: it is done with, as is on record here.
    ends_.done.insert(n);
  }
  return Found::nothing;
}

/// The server has it as settled.
bool JobRange::is_set(std::uint64_t first, const Range& range, std::uint64_t n) {
  const std::uint64_t bit = n - 1 - (first - 1) / 8 * 8;
  return bit / 8 < range.bits.size() &&
         (static_cast<unsigned char>(range.bits[bit / 8]) >> (7 - bit % 8) & 1U) != 0;
}

bool JobRange::is_settled(std::uint64_t first, const Range& range, std::uint64_t n) const {
  return is_set(first, range, n) || ends_.contains(n) || sent_.contains(n);
}

bool JobRange::is_ours(std::uint64_t n) const {
  auto after = ranges_.upper_bound(n);
  if (after == ranges_.begin()) return false;
  const auto& [first, range] = *--after;
  return n < first + range.count && n >= first + range.at;
}

/// It is in a range of ours, and not settled.
bool JobRange::is_held(std::uint64_t n) const {
  auto after = ranges_.upper_bound(n);
  if (after == ranges_.begin()) return false;
  const auto& [first, range] = *--after;
  return n < first + range.count && !is_set(first, range, n);
}

bool JobRange::is_outstanding(std::uint64_t n) const {
  const auto after = std::upper_bound(
      elsewhere_.begin(), elsewhere_.end(), n,
      [](std::uint64_t number, const auto& range) { return number < range.first; });
  return after != elsewhere_.begin() && n <= std::prev(after)->second;
}

/// It may come to be run here; all others are done.
bool JobRange::is_wanted(std::uint64_t n) const {
  return n >= next_item_ || is_ours(n) || is_outstanding(n);
}

std::uint64_t JobRange::rest() const {
  std::uint64_t items = 0;
  for (const auto& [first, range] : ranges_) {
    for (std::uint64_t i = range.at; i < range.count; ++i) {
      const std::uint64_t n = first + i;
      if (end_ && n > *end_) break;
      if (!is_settled(first, range, n) && !taken_.contains(n)) ++items;
    }
  }
  return items;
}

/// The next range shall be here before the last item is taken.
void JobRange::check_stock() {
  const auto enough = static_cast<std::uint64_t>(settings_.jobs) / 2;
  std::uint64_t stock = 0;
  for (const auto& [first, range] : ranges_) {
    stock += range.count - range.at;
    if (stock > enough) return;
  }
  hungry_ = true;
}

void JobRange::count(const Job& item) {
  digest_.add(identity_of(item, 0));
  if (is_checkpoint(++counted_)) checkpoints_.emplace(counted_, digest_.value());
  if (checkpoints_.size() > most_checkpoints) checkpoints_.erase(checkpoints_.begin());
}

void JobRange::count_end() {
  counted_all_ = true;
  if (!end_) end_ = counted_;
}

void JobRange::show(Job&& job) {
  leave_out(number(job.id) - 1);
  shown_ = number(job.id);
  if (is_wanted(shown_)) items_.insert_or_assign(shown_, std::move(job));
}

void JobRange::show_end() {
  shown_all_ = true;
  if (counted_all_) leave_out(counted_);
}

/// What was not shown up to that number is done with, as is on record here, and the others are told
/// so before they run it.
void JobRange::leave_out(std::uint64_t last) {
  if (last > shown_) left_out_.emplace_back(shown_ + 1, last);
}

void JobRange::on_event(const Event& event, TimePoint now) {
  if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    const std::uint64_t n = number(dropped->job.id);
    taken_.erase(n);
    // It may come back, from a host that dies of it.
    if (dropped->elsewhere && is_wanted(n)) items_.insert_or_assign(n, dropped->job);
    return;
  }
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr) return;
  const std::uint64_t n = number(ended->job.id);
  switch (ended->fate) {
    case Fate::retry:
    case Fate::fallback: return;
    case Fate::not_done: taken_.erase(n); return;
    case Fate::done: ends_.done.insert(n); break;
    case Fate::failed: ends_.failed.insert(n); break;
  }
  taken_.erase(n);
  ended_at_ = std::min(ended_at_, now);
}

/// Another range would not be too many.
bool JobRange::may_lease() const {
  return ranges_.size() <
         std::clamp(static_cast<std::size_t>(settings_.jobs), least_ranges, most_ranges);
}

TimePoint JobRange::due() const {
  const TimePoint soonest =
      called_at_ == TimePoint{} ? called_at_ : std::max(later(called_at_, spacing), not_before_);
  if (restore_ || leaving_ || unsure_ || (counted_all_ && !end_told_)) return soonest;
  TimePoint at = later(called_at_, alive);
  if (hungry_ && may_lease() && !over_) at = std::min(at, retry_at_);
  if (!left_out_.empty()) at = std::min(at, soonest);
  if (!ends_.empty()) {
    const bool is_much = ends_.size() >= most_ends / 4;
    at = std::min(at, is_much || ended_at_ == never ? soonest : later(ended_at_, settle_delay));
  }
  return std::max(at, soonest);
}

TimePoint JobRange::next() const {
  if (call_ != Call::none || run_id_.empty() || left_ || problem_.code != ExitCode::ok) {
    return never;
  }
  return due();
}

std::optional<std::vector<std::string>> JobRange::next_call(TimePoint now) {
  if (next() > now) return {};
  called_at_ = now;
  const bool is_last = leaving_ && ends_.size() <= most_ends && left_out_.size() <= most_runs;
  sent_ = ends_.split(most_ends);
  sent_runs_ = std::min(left_out_.size(), most_runs);
  if (ends_.empty()) ended_at_ = never;
  was_asked_ = false;
  if (restore_) {
    call_ = Call::restore;
    std::vector<std::string> args = arguments("restore");
    args.push_back(std::to_string(next_item_));
    args.push_back(held_text());
    args.push_back(elsewhere_text());
    return args;
  }
  call_ = is_last ? Call::leave : Call::take;
  was_asked_ = !leaving_ && hungry_ && may_lease() && !over_;
  return arguments(is_last ? "leave" : "take");
}

std::vector<std::string> JobRange::arguments(std::string_view op) {
  const std::uint64_t jobs = 2 * static_cast<std::uint64_t>(settings_.jobs);
  const auto wanted = was_asked_ ? std::clamp<std::uint64_t>(jobs, 1, most_leased) : 0;
  const bool listed = was_asked_ || lost_ || unsure_ || call_ == Call::restore;
  const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.ttl);
  told_ = checkpoints_.empty() ? 0 : checkpoints_.rbegin()->first;
  return {std::string(op),
          settings_.host,
          epoch_,
          run_id_,
          std::to_string(ttl.count()),
          settings_.mode,
          std::to_string(wanted),
          listed ? "1" : "0",
          end_ ? std::to_string(counted_all_ ? counted_ : *end_) : "",
          counted_all_ ? hex(digest_.value()) : "",
          checkpoints_text(),
          done_text(),
          runs_of(sent_.failed)};
}

std::string JobRange::checkpoints_text() const {
  std::string text;
  for (const auto& [count, value] : checkpoints_) text += fmt::format("{}:{} ", count, hex(value));
  return text;
}

std::string JobRange::done_text() const {
  std::string text = runs_of(sent_.done);
  for (std::size_t i = 0; i < sent_runs_; ++i) {
    text += fmt::format(" {}-{}", left_out_[i].first, left_out_[i].second);
  }
  return text;
}

std::string JobRange::held_text() const {
  std::string text;
  for (const auto& [first, range] : ranges_) text += fmt::format("{} {} ", first, range.count);
  return text;
}

std::string JobRange::elsewhere_text() const {
  std::string text;
  for (const auto& [first, last] : elsewhere_) {
    text += fmt::format("{} {} ", first, last - first + 1);
  }
  return text;
}

/// The call under way may have been answered before.
void JobRange::on_lapse() {
  unsure_ = true;
  stale_ = call_ != Call::none;
}

void JobRange::on_lost(TimePoint now) {
  ends_.add(sent_);
  stale_ = false;
  if (call_ == Call::leave) left_ = true;  // the others learn it when our lease ends
  lost_ = true;
  call_ = Call::none;
  not_before_ = later(now, patience);
}

void JobRange::on_reply(const Reply& reply, TimePoint now) {
  const bool good = reply.kind == Reply::Kind::array && !reply.items.empty();
  if (!good) return on_lost(now);
  const std::string& what = reply.items.front().text;
  if (what == "ok" && reply.items.size() >= 10) {
    const bool was_last = call_ == Call::leave;
    learn(reply, now);
    left_ = was_last;
    call_ = Call::none;
    return;
  }
  const bool is_known = (what == "restore" || what == "list") && reply.items.size() == 2;
  const Call call = std::exchange(call_, Call::none);
  stale_ = false;
  ends_.add(sent_);
  if (!is_known) {
    not_before_ = later(now, patience);
    lost_ = true;
  } else if (what == "list") {
    refuse(reply);
    left_ = call == Call::leave;
  } else {
    restore_ = true;
    epoch_ = reply.items[1].text;
    recall();
  }
}

/// What is settled of the ranges that we hold is told once more: the server may have forgotten it.
void JobRange::recall() {
  for (const auto& [first, range] : ranges_) {
    for (std::uint64_t n = first; n < first + range.count; ++n) {
      if (is_set(first, range, n) && !ends_.contains(n)) ends_.done.insert(n);
    }
  }
}

void JobRange::refuse(const Reply& reply) {
  problem_.code = ExitCode::bad_data;
  problem_.sentence = fmt::format(
      "--fleet-jobs range: the list of this host is not the one that the fleet works on; they "
      "differ in {}: give every host the same input, or this run another NAME",
      reply.items[1].text);
}

void JobRange::learn(const Reply& reply, TimePoint now) {
  const std::vector<Reply>& items = reply.items;
  epoch_ = items[1].text;
  restore_ = false;
  unsure_ = std::exchange(stale_, false);
  if (items[3].integer >= 0) end_ = number_of(items[3]);
  if (counted_all_) end_told_ = true;
  checkpoints_.erase(checkpoints_.begin(), checkpoints_.upper_bound(told_));
  done_ = number_of(items[4]);
  over_ = items[6].integer != 0;
  const bool granted = learn_ranges(items[8].items);
  sent_ = {};
  left_out_.erase(left_out_.begin(), left_out_.begin() + static_cast<std::ptrdiff_t>(sent_runs_));
  sent_runs_ = 0;
  find_gone();
  if (items[9].kind == Reply::Kind::text) {
    elsewhere_ = parse_ranges(items[9].text);
    next_item_ = number_of(items[2]);
    lost_ = false;
    prune();
  }
  if (!was_asked_) return;
  hungry_ = false;
  if (granted) {
    retry_at_ = {};
    return check_stock();
  }
  hungry_ = true;
  const Duration others = patience_each * static_cast<Duration::rep>(elsewhere_.size());
  retry_at_ = later(now, std::max(patience, others));
}

/// Those that are not listed are ours no longer. True where a new one is listed.
bool JobRange::learn_ranges(const std::vector<Reply>& parts) {
  std::map<std::uint64_t, Range> ranges;
  bool is_new = false;
  for (std::size_t i = 0; i + 2 < parts.size(); i += 3) {
    const std::uint64_t first = number_of(parts[i]);
    if (first == 0) continue;
    Range range;
    range.count = number_of(parts[i + 1]);
    const auto known = ranges_.find(first);
    if (known != ranges_.end()) range.at = known->second.at;
    is_new = is_new || known == ranges_.end();
    range.bits = parts[i + 2].text;
    ranges.emplace(first, std::move(range));
  }
  ranges_ = std::move(ranges);
  return is_new;
}

void JobRange::find_gone() {
  gone_.clear();
  for (const std::uint64_t n : taken_) {
    if (!is_held(n)) gone_.push_back(JobId{n});
  }
}

void JobRange::prune() {
  std::erase_if(items_, [this](const auto& item) { return !is_wanted(item.first); });
}

}  // namespace gentlify::fleet
