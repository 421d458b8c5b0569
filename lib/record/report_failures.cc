#include "lib/record/report_failures.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace gentlify {

namespace {

constexpr std::size_t shown_jobs = 5;
constexpr std::size_t least_hex = 8;
constexpr std::string_view any_line = "(other lines)";

std::string key_of(const ReportFailures::Group& group) {
  std::string key(name(group.verdict));
  for (const std::string* part : {&group.ended, &group.reason, &group.last_line}) {
    key += '\0';
    key += *part;
  }
  return key;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

}  // namespace

std::string without_numbers(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_hex);
    const auto run = static_cast<std::size_t>(end - text.begin());
    const bool has_digit = std::any_of(text.begin(), end, is_digit);
    if (run >= least_hex && has_digit) {
      out += '#';
      text.remove_prefix(run);
    } else if (is_digit(text.front())) {
      out += '#';
      text.remove_prefix(static_cast<std::size_t>(
          std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()));
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void ReportFailures::add(Group group, std::uint64_t seq, bool for_good, Duration at) {
  group.jobs = for_good ? 1 : 0;
  group.first = {seq};
  group.from = group.to = at;
  if (masked_) {
    group.reason = without_numbers(group.reason);
    group.last_line = without_numbers(group.last_line);
  }
  put(std::move(group));
  if (groups_.size() > most_ && !masked_) mask_all();
}

void ReportFailures::put(Group group) {
  std::string key = key_of(group);
  auto found = groups_.find(key);
  if (found == groups_.end() && masked_ && groups_.size() >= most_) {
    lumped_ = true;
    group.reason.clear();
    group.last_line = any_line;
    key = key_of(group);
    found = groups_.find(key);
  }
  if (found == groups_.end()) {
    groups_.emplace(std::move(key), std::move(group));
  } else {
    merge(found->second, group);
  }
}

void ReportFailures::mask_all() {
  masked_ = true;
  std::vector<Group> all;
  for (auto& [key, group] : std::exchange(groups_, {})) all.push_back(std::move(group));
  // In the order in which they came, whatever a hash makes of it.
  std::sort(all.begin(), all.end(), [](const Group& a, const Group& b) {
    return std::pair(a.from, a.first.front()) < std::pair(b.from, b.first.front());
  });
  for (Group& group : all) {
    group.reason = without_numbers(group.reason);
    group.last_line = without_numbers(group.last_line);
    put(std::move(group));
  }
}

void ReportFailures::merge(Group& into, const Group& from) {
  into.attempts += from.attempts;
  into.jobs += from.jobs;
  into.from = std::min(into.from, from.from);
  into.to = std::max(into.to, from.to);
  for (const std::uint64_t seq : from.first) {
    if (into.first.size() == shown_jobs) break;
    if (std::find(into.first.begin(), into.first.end(), seq) == into.first.end()) {
      into.first.push_back(seq);
    }
  }
}

std::vector<const ReportFailures::Group*> ReportFailures::sorted() const {
  std::vector<const Group*> all;
  for (const auto& [key, group] : groups_) all.push_back(&group);
  std::sort(all.begin(), all.end(), [](const Group* a, const Group* b) {
    if (a->jobs != b->jobs) return a->jobs > b->jobs;
    if (a->attempts != b->attempts) return a->attempts > b->attempts;
    return std::pair(a->from, key_of(*a)) < std::pair(b->from, key_of(*b));
  });
  return all;
}

}  // namespace gentlify
