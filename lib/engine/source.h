// Where items come from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/core/job.h"

namespace gentlify {

class Watch;

class Source {
 public:
  enum class Read {
    item,  ///< `job` is filled in, all but its id
    more,  ///< nothing yet, but work was done: ask again, after a look at other things
    wait,  ///< nothing yet: ask again after the watch has delivered
    end,   ///< no item will come any more
  };

  virtual ~Source() = default;

  virtual Read next(Job& job) = 0;

  /// All items there are, given out or not, once that is known.
  virtual std::optional<std::uint64_t> total() = 0;

  /// Items not given out as far as they can be seen; `complete` is false where more may follow.
  struct Rest {
    std::uint64_t items = 0;
    bool complete = true;
  };
  virtual Rest rest() = 0;

  /// Does a bounded part of the work of counting; false where nothing is left to do.
  virtual bool count_some() { return false; }

  /// Reads ahead from now on whenever `watch` says that input is there, until `detach`, which must
  /// come before the watch ends.
  virtual void attach(Watch& watch) { (void)watch; }
  /// No item will be asked for any more: what was not read stays where it is.
  virtual void detach() {}

  /// Why the input could not be read to its end, as a sentence; empty while all is well.
  virtual std::string error() const { return {}; }
};

}  // namespace gentlify
