#include "lib/engine/fallbacks.h"

#include <algorithm>
#include <utility>

namespace gentlify {

void Fallbacks::add(const event::Ended& ended, JobOutput output, TimePoint now) {
  const JobId job = ended.job.id;
  waiting_.emplace(job,
                   Waiting{&ended.job, settings_.record_of(ended, now), std::move(output), never});
  order_.push_back(job);
}

std::optional<JobId> Fallbacks::next(int running, std::optional<JobId> first) const {
  if (order_.empty()) return {};
  if (first && waiting_.contains(*first)) return first;
  return running < settings_.at_once ? std::optional(order_.front()) : std::nullopt;
}

Fallbacks::Waiting* Fallbacks::find(JobId job) {
  const auto waiting = waiting_.find(job);
  return waiting == waiting_.end() ? nullptr : &waiting->second;
}

void Fallbacks::remove(JobId job) {
  waiting_.erase(job);
  order_.erase(std::find(order_.begin(), order_.end(), job));
}

}  // namespace gentlify
