// A run's part in a fleet: the connection, and what goes through it in the turns of the loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>

#include "lib/core/turns.h"
#include "lib/fleet/address.h"
#include "lib/fleet/connection.h"
#include "lib/fleet/job_list.h"
#include "lib/fleet/member.h"

namespace gentlify::fleet {

class Fleet : public Turns {
 public:
  /// What only the engine can do.
  struct Run {
    std::function<TimePoint()> now;     ///< the run's clock
    std::function<Duration()> stopped;  ///< how far it is behind the one that goes on
    std::function<void(Duration grace)> stop_for_now;  ///< all that runs, to be run again
    std::function<void(JobId)> withdraw;  ///< another host's job, where it has not begun
    std::function<void()> end;            ///< start nothing more
    std::function<void(TimePoint deadline)>
        set_fence;  ///< by the clock that goes on; `never`: none
  };
  struct Settings {
    bool strict = false;
    Duration max_outage{};  ///< 0: none
    Duration ttl{};
  };

  /// All but the settings must outlive this. `list` is null where the hosts share none.
  Fleet(boost::asio::io_context& io, const Address& address, const Settings& settings,
        Member& member, Permits& permits, JobList* list, Run run);

  /// Begins to connect.
  void open() { connection_.open(); }
  /// The fleet has answered, or never will: a password or right is missing, or it has other limits.
  bool is_settled() const;
  bool is_refused() const { return connection_.is_refused(); }

  void before_starts(TimePoint now) override;
  void after_starts(TimePoint now) override;
  TimePoint next() const override;

  /// The run is over: gives all back in the turns that follow; `is_gone` when that was heard.
  void leave();
  bool is_gone() const { return gone_; }

  /// It was away for longer than it may.
  bool is_given_up() const { return given_up_; }

 private:
  void on_opened();
  void call(const SyncRequest& request);
  bool may_call_list() const;
  void check_list();
  void call_list(TimePoint now);
  void say_farewell();

  Settings settings_;
  Member& member_;
  Permits& permits_;
  JobList* list_;
  Run run_;
  std::vector<std::string> keys_, list_keys_;
  Connection connection_;
  bool given_up_ = false;
  bool leaves_ = false, said_ = false, gone_ = false;
};

}  // namespace gentlify::fleet
