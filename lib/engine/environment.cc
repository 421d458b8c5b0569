#include "lib/engine/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "lib/engine/spawn.h"

namespace gentlify {

namespace {

/// Whether one of the variables `by` has the name of `variable`.
bool is_replaced(std::string_view variable, const std::vector<std::string>& by) {
  const std::string_view name = variable.substr(0, variable.find('=') + 1);
  return std::any_of(by.begin(), by.end(),
                     [&](const std::string& other) { return other.starts_with(name); });
}

}  // namespace

Environment::Environment(std::vector<std::string> base, std::uint64_t run_id, bool reports)
    : base_(std::move(base)), run_id_(fmt::format("{:016x}", run_id)) {
  if (reports) base_.push_back(fmt::format("GENTLIFY_REPORT_FD={}", report_descriptor));
}

void Environment::fill(const Job& job, int slot, JobEnvironment& filled) {
  const std::string n = std::to_string(number(job.id));
  filled.own[0].assign("GENTLIFY_RUN=").append(run_id_);
  filled.own[1].assign("GENTLIFY_SEQ=").append(n);
  filled.own[2].assign("GENTLIFY_JOB=").append(job.own && !job.own->id.empty() ? job.own->id : n);
  filled.own[3]
      .assign("GENTLIFY_ATTEMPT=")
      .append(std::to_string(job.earlier_attempts + job.attempts));
  filled.own[4].assign("GENTLIFY_SLOT=").append(std::to_string(slot));
  // An idempotency key: the same at each attempt of this job, different for every other.
  filled.own[5].assign("GENTLIFY_JOB_KEY=");
  if (job.key != Identity{}) {
    filled.own[5].append(hex(job.key));
  } else {
    filled.own[5].append(run_id_).append(hex(number(job.id)));
  }
  filled.pointers.clear();
  filled.item.clear();
  if (job.own) filled.item = job.own->environment;
  for (std::string& variable : base_) {
    if (!is_replaced(variable, filled.item)) filled.pointers.push_back(variable.data());
  }
  for (std::string& variable : filled.item) filled.pointers.push_back(variable.data());
  for (std::string& variable : filled.own) filled.pointers.push_back(variable.data());
  filled.pointers.push_back(nullptr);
}

void Environment::fill(JobEnvironment& filled) {
  filled.own[0].assign("GENTLIFY_RUN=").append(run_id_);
  filled.item.clear();
  filled.pointers.clear();
  for (std::string& variable : base_) filled.pointers.push_back(variable.data());
  filled.pointers.push_back(filled.own[0].data());
  filled.pointers.push_back(nullptr);
}

}  // namespace gentlify
