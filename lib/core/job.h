// A job: one item of the input, to be run until it succeeds or is given up.
#pragma once

#include <cstdint>
#include <string>

namespace gentlify {

/// What an attempt takes of a shared allowance, in the user's unit: tokens, credits, requests.
using Cost = std::uint64_t;

/// A job's sequence number in the input, from 1.
enum class JobId : std::uint64_t {};

constexpr std::uint64_t number(JobId id) {
  return static_cast<std::uint64_t>(id);
}

struct Job {
  JobId id{};
  /// The line of its file that the item stands on, from 1; 0 where items are not lines.
  std::uint64_t line = 0;
  /// The item's bytes as they were read, without the delimiter.
  std::string item;
  /// Not empty: the item cannot be run, and this is why. It fails alone.
  std::string defect;

  /// What one attempt is expected to cost.
  Cost cost = 1;

  /// Attempts started so far; one that was stopped by us or could not start is taken back.
  int attempts = 0;
  /// Failures charged to the job.
  int failures = 0;
  /// Failures charged to the service: overload was said.
  int overloads = 0;
};

}  // namespace gentlify
