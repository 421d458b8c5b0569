#include "lib/fleet/job_ends.h"

#include <fmt/format.h>

namespace gentlify::fleet {

std::string runs_of(const std::set<std::uint64_t>& numbers) {
  std::string text;
  for (auto it = numbers.begin(); it != numbers.end();) {
    const std::uint64_t first = *it;
    std::uint64_t last = first;
    while (++it != numbers.end() && *it == last + 1) ++last;
    if (!text.empty()) text += ' ';
    text += last == first ? std::to_string(first) : fmt::format("{}-{}", first, last);
  }
  return text;
}

void JobEnds::add(JobEnds& others) {
  done.merge(others.done);
  failed.merge(others.failed);
  others = {};
}

JobEnds JobEnds::split(std::size_t most) {
  JobEnds some;
  while (!done.empty() && some.size() < most) some.done.insert(done.extract(done.begin()));
  while (!failed.empty() && some.size() < most) some.failed.insert(failed.extract(failed.begin()));
  return some;
}

}  // namespace gentlify::fleet
