// What earlier runs of a list have left, asked for item by item, in the order of the input.
#pragma once

#include <cstdint>

#include "lib/core/job.h"

namespace gentlify {

class Past {
 public:
  enum class Answer {
    run,
    skip,     ///< the job is done with
    changed,  ///< the input is not the one of those runs: nothing more is to be taken from it
  };

  virtual ~Past() = default;

  /// The next item, with its number. Gives its job an identity, a key, and what it has behind it.
  virtual Answer take(Job& job) = 0;
  /// The input has ended. False: that is too early, and so it has changed.
  virtual bool end() = 0;

  /// Items up to this number are known to be what they were.
  virtual std::uint64_t verified() const = 0;
  /// There is nothing left to compare.
  virtual bool is_verified() const = 0;
  /// So many items that are still to come will be skipped, as far as is known.
  virtual std::uint64_t to_skip() const = 0;
};

}  // namespace gentlify
