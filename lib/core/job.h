// A job: one item of the input, to be run until it succeeds or is given up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/digest.h"
#include "lib/core/parts.h"
#include "lib/core/time.h"

namespace gentlify {

/// What an attempt takes of a shared allowance, in the user's unit: tokens, credits, requests.
using Cost = std::uint64_t;

/// A job's sequence number in the input, from 1.
enum class JobId : std::uint64_t {};

constexpr std::uint64_t number(JobId id) {
  return static_cast<std::uint64_t>(id);
}

/// What an item says of its own job, in place of what holds for all.
struct JobOptions {
  std::vector<std::string> argv = {};         ///< the command; empty: the template's
  std::optional<std::string> shell = {};      ///< the command line for the shell, with no template
  std::string id = {};                        ///< the value of GENTLIFY_JOB; empty: the number
  std::vector<std::string> environment = {};  ///< NAME=VALUE, over what jobs inherit
  std::string directory = {};                 ///< to run in; empty: that of all
  std::optional<std::string> input = {};      ///< for standard input; none: that of all
  Duration timeout{};                         ///< of an attempt; 0: that of all
  int max_attempts = 0;                       ///< 0: that of all
};

struct Job {
  JobId id{};
  /// The line of its file that the item begins in, from 1; 0 where items are not lines.
  std::uint64_t line = 0;
  /// The item's bytes as they were read, without the delimiter.
  std::string item;
  /// What the item is made of, where it is more than one thing: columns of a row, values of
  /// several lists, members that the template names, items of a batch.
  Parts parts;
  std::shared_ptr<const JobOptions> own;  ///< null: nothing
  /// Not empty: the item cannot be run, and this is why. It fails alone.
  std::string defect;

  /// What one attempt is expected to cost.
  Cost cost = 1;

  /// Attempts started so far; one that was stopped by us or could not start is taken back.
  int attempts = 0;
  /// Attempts that runs before this one spent on it.
  int earlier_attempts = 0;
  /// Failures charged to the job.
  int failures = 0;
  /// Failures charged to the service: overload was said.
  int overloads = 0;

  /// The same in each run of the list that is on record; 0 where nothing is.
  Identity identity;
  /// For the outside, to know an attempt at the same job by: GENTLIFY_JOB_KEY. 0: none yet.
  Identity key;
  /// An earlier run gave it up, and it is to be tried again.
  bool failed_before = false;
};

}  // namespace gentlify
