#include "lib/fleet/job_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/fleet/job_calls.h"

namespace gentlify::fleet {

namespace {

using namespace job_calls;

/// A server that writes each second has lost less than this when it comes back.
constexpr Duration remembered = std::chrono::minutes(1);
constexpr std::size_t most_ends = 1024;
constexpr std::uint64_t most_wanted = 500;

}  // namespace

std::span<const std::string_view> JobStream::keys() const {
  static constexpr std::array<std::string_view, 5> names = {"jobs", "jm", "dead", "ex", "st"};
  return names;
}

SharedList::Take JobStream::take(Job& job) {
  if (problem_.code != ExitCode::ok || leaving_) return Take::end;
  if (unsure_ && !over_) return Take::wait;
  if (!items_.empty()) {
    auto item = items_.extract(items_.begin());
    job.id = JobId{item.key()};
    job.item = std::move(item.mapped());
    taken_.insert(item.key());
    check_stock();
    return Take::job;
  }
  if (over_) return Take::end;
  hungry_ = true;
  return Take::wait;
}

/// More jobs shall be here before the last one is taken.
void JobStream::check_stock() {
  if (items_.size() <= static_cast<std::size_t>(settings_.jobs) / 2) hungry_ = true;
}

void JobStream::skip(JobId id) {
  taken_.erase(number(id));
  ends_.done.insert(number(id));
}

void JobStream::on_event(const Event& event, TimePoint now) {
  if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    taken_.erase(number(dropped->job.id));
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

TimePoint JobStream::next() const {
  if (call_ != Call::none || run_id_.empty() || left_ || problem_.code != ExitCode::ok) {
    return never;
  }
  const TimePoint soonest =
      called_at_ == TimePoint{} ? called_at_ : std::max(later(called_at_, spacing), not_before_);
  if (restore_ || leaving_ || unsure_ || is_missing_) return soonest;
  TimePoint at = later(called_at_, alive);
  if (hungry_ && !over_) at = std::min(at, retry_at_);
  if (!ends_.empty()) {
    const bool is_much = ends_.size() >= most_ends / 4;
    at = std::min(at, is_much || ended_at_ == never ? soonest : later(ended_at_, settle_delay));
  }
  return std::max(at, soonest);
}

/// As many as keep all busy for a while.
std::uint64_t JobStream::wanted() const {
  if (!was_asked_) return 0;
  const auto most =
      std::clamp<std::uint64_t>(2 * static_cast<std::uint64_t>(settings_.jobs), 1, most_wanted);
  return most - std::min<std::uint64_t>(most, items_.size());
}

std::optional<std::vector<std::string>> JobStream::next_call(TimePoint now) {
  if (next() > now) return {};
  called_at_ = now;
  forget(now);
  const bool is_last = leaving_ && !restore_ && ends_.size() <= most_ends;
  sent_ = ends_.split(most_ends);
  if (ends_.empty()) ended_at_ = never;
  call_ = restore_ ? Call::restore : is_last ? Call::leave : Call::take;
  was_asked_ = call_ == Call::take && hungry_ && !leaving_;
  std::set<std::uint64_t> held = taken_;
  for (const auto& [n, item] : items_) held.insert(n);
  for (const std::set<std::uint64_t>* ends :
       {&ends_.done, &ends_.failed, &sent_.done, &sent_.failed}) {
    held.insert(ends->begin(), ends->end());
  }
  constexpr std::array<std::string_view, 4> ops = {"", "take", "restore", "leave"};
  const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.ttl);
  return std::vector<std::string>{std::string(ops.at(static_cast<std::size_t>(call_))),
                                  settings_.host,
                                  epoch_,
                                  run_id_,
                                  std::to_string(ttl.count()),
                                  settings_.mode,
                                  std::to_string(wanted()),
                                  list_,
                                  runs_of(held),
                                  runs_of(sent_.done),
                                  runs_of(sent_.failed)};
}

void JobStream::forget(TimePoint now) {
  while (!told_at_.empty() && later(told_at_.front().first, remembered) <= now) {
    told_.done.erase(told_at_.front().second);
    told_.failed.erase(told_at_.front().second);
    told_at_.pop_front();
  }
}

/// The call under way may have been answered before.
void JobStream::on_lapse() {
  unsure_ = true;
  stale_ = call_ != Call::none;
}

void JobStream::on_lost(TimePoint now) {
  ends_.add(sent_);
  stale_ = false;
  if (call_ == Call::leave) left_ = true;  // the others learn it when our lease ends
  call_ = Call::none;
  not_before_ = later(now, patience);
}

void JobStream::on_reply(const Reply& reply, TimePoint now) {
  if (reply.kind != Reply::Kind::array || reply.items.empty()) return on_lost(now);
  const std::string& what = reply.items.front().text;
  const Call call = call_;
  if (what != "ok") stale_ = false;
  if (what == "ok" && reply.items.size() >= 10) {
    learn(reply, now);
    call_ = Call::none;
    left_ = call == Call::leave;
  } else if (what == "restore" && reply.items.size() == 2) {
    call_ = Call::none;
    ends_.add(sent_);
    recall();
    restore_ = true;
    epoch_ = reply.items[1].text;
  } else if (what == "list" && reply.items.size() == 2) {
    problem_ = {ExitCode::bad_data,
                fmt::format("--fleet-jobs stream: this host differs from those that work on the "
                            "list in {}: give all the same flags, or this run another NAME",
                            reply.items[1].text)};
  } else if (what == "gone") {
    problem_ = {ExitCode::try_later,
                "--fleet-jobs stream: the server has lost the list of jobs, and there may be "
                "another one now: push the jobs that are not done, and run again"};
  } else {
    return on_lost(now);
  }
  left_ = left_ || (problem_.code != ExitCode::ok && call == Call::leave);
}

/// What was settled of late is told once more.
void JobStream::recall() {
  ends_.add(told_);
  told_at_.clear();
}

void JobStream::learn(const Reply& reply, TimePoint now) {
  const std::vector<Reply>& parts = reply.items;
  const auto count = [&](std::size_t i) { return number_of(parts[i]); };
  epoch_ = parts[1].text;
  list_ = parts[2].text;
  restore_ = false;
  unsure_ = std::exchange(stale_, false);
  over_ = parts[3].integer != 0;
  done_ = count(4) + count(5);
  for (const std::set<std::uint64_t>* ends : {&sent_.done, &sent_.failed}) {
    for (const std::uint64_t n : *ends) told_at_.emplace_back(now, n);
  }
  told_.add(sent_);
  const bool given = take_items(parts[9].items);
  drop_others(parts[8].text);
  if (!was_asked_) return;
  hungry_ = false;
  retry_at_ = {};
  if (given) return check_stock();
  hungry_ = true;
  const auto others =
      patience_each * static_cast<Duration::rep>(std::min(count(7), most_wanted * 10));
  retry_at_ = later(now, std::max(patience, others));
}

/// New jobs. One that we have settled was given again by a server that has forgotten it.
bool JobStream::take_items(const std::vector<Reply>& parts) {
  bool any = false;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const auto n = number_of(parts[i]);
    if (n == 0 || taken_.contains(n) || ends_.contains(n)) continue;
    if (told_.contains(n)) {
      (told_.failed.contains(n) ? ends_.failed : ends_.done).insert(n);
      continue;
    }
    items_.insert_or_assign(n, parts[i + 1].text);
    any = true;
  }
  return any;
}

/// What is not held any more has gone to others. What is held and did not come, comes next.
void JobStream::drop_others(const std::string& held) {
  std::set<std::uint64_t> ours;
  const char* at = held.data();
  const char* const end = at + held.size();
  while (at != end) {
    std::uint64_t n = 0;
    const auto [after, error] = std::from_chars(at, end, n);
    if (error != std::errc{}) break;
    ours.insert(n);
    at = after == end ? end : after + 1;
  }
  std::erase_if(items_, [&](const auto& item) { return !ours.contains(item.first); });
  gone_.clear();
  for (const std::uint64_t n : taken_) {
    if (!ours.contains(n)) gone_.push_back(JobId{n});
  }
  is_missing_ = std::any_of(ours.begin(), ours.end(), [&](std::uint64_t n) {
    return !items_.contains(n) && !taken_.contains(n) && !ends_.contains(n);
  });
}

}  // namespace gentlify::fleet
