#include "lib/engine/environment.h"

#include <fmt/format.h>

#include <utility>

#include "lib/engine/spawn.h"

namespace gentlify {

Environment::Environment(std::vector<std::string> base, std::uint64_t run_id, bool reports)
    : base_(std::move(base)), run_id_(fmt::format("{:016x}", run_id)) {
  if (reports) base_.push_back(fmt::format("GENTLIFY_REPORT_FD={}", report_descriptor));
  for (std::string& variable : base_) pointers_.push_back(variable.data());
  pointers_.resize(base_.size() + variables + 1, nullptr);
}

char* const* Environment::of(const Job& job, int slot) {
  const std::uint64_t n = number(job.id);
  own_[run] = "GENTLIFY_RUN=" + run_id_;
  own_[seq] = fmt::format("GENTLIFY_SEQ={}", n);
  own_[id] = fmt::format("GENTLIFY_JOB={}", n);
  own_[attempt] = fmt::format("GENTLIFY_ATTEMPT={}", job.attempts);
  own_[in_slot] = fmt::format("GENTLIFY_SLOT={}", slot);
  // An idempotency key: the same at each attempt of this job, different for every other.
  own_[key] = fmt::format("GENTLIFY_JOB_KEY={}{:016x}", run_id_, n);
  for (std::size_t i = 0; i < variables; ++i) pointers_[base_.size() + i] = own_[i].data();
  return pointers_.data();
}

}  // namespace gentlify
