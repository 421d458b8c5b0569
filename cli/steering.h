// What `gentlify ctl` asks of a run, and what it does to it: requests in, sentences out. No request
// starts a program.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/request.h"
#include "cli/status_line.h"
#include "lib/control/progress.h"
#include "lib/control/scheduler.h"
#include "lib/engine/control_socket.h"
#include "lib/engine/engine.h"

namespace gentlify {

class Steering {
 public:
  /// What is steered; all of it must outlive this.
  struct Run {
    const RunRequest& request;
    int cores;      ///< what 100% is
    int most_jobs;  ///< that there are descriptors for
    std::uint64_t id;
    Engine& engine;
    Scheduler& scheduler;
    Progress& progress;
    StatusLine& status;
    const Template& command;
  };

  explicit Steering(const Run& run);

  /// Listens where the settings say: at the path, or `auto` in a directory of the user's where
  /// stderr is a terminal. Throws Error(cannot_create) where it cannot at a path that was named;
  /// else that is but a note.
  void listen(Host& host);

  /// Hears nothing any more: the run is over.
  void close() { socket_.reset(); }

  control::Answer answer(std::string_view request);

 private:
  using Words = std::vector<std::string_view>;

  std::string act(const Words& words);
  std::string status(const Words& words) const;
  std::string jobs(const Words& words) const;
  std::string pause(const Words& words);
  std::string resume();
  std::string set(const Words& words);
  std::string end(bool stop);
  std::string kill(const Words& words);
  void set_max_concurrency(const Settings& settings, const event::Changed& change, TimePoint now);
  void set_rate(const Settings& settings, const event::Changed& change, TimePoint now);
  void set_budget(const Settings& settings, const event::Changed& change, TimePoint now);

  Run run_;
  Settings settings_;  // as they are by now
  std::unique_ptr<ControlSocket> socket_;
};

}  // namespace gentlify
