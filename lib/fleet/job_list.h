// A list of jobs that the hosts of a fleet share through the server. Sans I/O: says what to call
// its script with, and takes the replies. One call is under way at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/event.h"
#include "lib/core/exit_code.h"
#include "lib/core/shared_list.h"
#include "lib/fleet/resp.h"
#include "lib/fleet/scripts.h"

namespace gentlify::fleet {

class JobList : public SharedList, public EventSink {
 public:
  struct Settings {
    std::string host;  ///< as for SYNC
    /// A text that is the same on all hosts of the list: how items are read.
    std::string mode;
    int jobs = 1;  ///< so many may run here at once
    Duration ttl = std::chrono::seconds(15);
    bool goes_on = false;  ///< there is a record of what earlier runs of this host have done
  };

  virtual const Script& script() const = 0;
  /// The keys of its calls, by the ends of their names.
  virtual std::span<const std::string_view> keys() const = 0;

  /// There is a connection: the server at its other end has that run_id.
  virtual void on_open(const std::string& run_id) = 0;
  /// The arguments of the call to be made now; nothing: none is due, or one is under way. It may
  /// tell of jobs that have ended, which must be on record by then.
  virtual std::optional<std::vector<std::string>> next_call(TimePoint now) = 0;
  virtual void on_reply(const Reply& reply, TimePoint now) = 0;
  /// The reply will not come.
  virtual void on_lost(TimePoint now) = 0;
  /// When to ask for a call, unless take() or on_event comes first.
  virtual TimePoint next() const = 0;

  /// What is ours may have been given to others.
  virtual void on_lapse() = 0;
  /// Nothing may start: what is ours was not heard since.
  virtual bool is_unsure() const = 0;
  /// Jobs that were taken, have not ended, and are not ours any more.
  virtual const std::vector<JobId>& gone() const = 0;

  /// The run is over: all that is ours is given back by the next calls.
  virtual void leave() = 0;
  /// There is nothing more to tell anyone.
  virtual bool has_left() const = 0;

  struct Problem {
    ExitCode code = ExitCode::ok;
    std::string sentence;  ///< empty: there is none
  };
  /// Why this host can take no part any more.
  virtual const Problem& problem() const = 0;
  /// So many jobs of the list are settled, by all hosts, as far as is known; failed ones included.
  virtual std::uint64_t done() const = 0;
};

}  // namespace gentlify::fleet
