// Jobs that have failed for good and wait until their fallback starts.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "lib/core/event.h"
#include "lib/engine/hook_launcher.h"
#include "lib/engine/output.h"

namespace gentlify {

class Fallbacks {
 public:
  struct Settings {
    std::string command;  ///< line, for the shell
    Duration timeout{};   ///< 0: none
    int at_once = 1;      ///< so many run at once
    /// What a fallback finds on standard input.
    std::function<std::string(const event::Ended&, TimePoint)> record_of;
  };
  struct Waiting {
    const Job* job = nullptr;
    std::string record;
    JobOutput output;               ///< what the job has written so far
    TimePoint short_since = never;  ///< this machine was short of something when it was to start
  };

  Fallbacks(HookLauncher& launcher, Settings settings)
      : launcher_(launcher), settings_(std::move(settings)) {}

  HookLauncher& launcher() { return launcher_; }
  const Settings& settings() const { return settings_; }

  /// What the job writes follows on `output`.
  void add(const event::Ended& ended, JobOutput output, TimePoint now);
  /// The job whose fallback is to start next where `running` do: `first`, which all others wait
  /// for, if it is here, in any case; else the one that waits longest. None: nobody's.
  std::optional<JobId> next(int running, std::optional<JobId> first) const;
  Waiting* find(JobId job);
  void remove(JobId job);

  /// None is to be started before `at`.
  void hold_until(TimePoint at) { not_before_ = at; }
  bool is_held(TimePoint now) const { return now < not_before_; }
  /// When one may start that is held now.
  TimePoint held_until() const {
    return order_.empty() || not_before_ == TimePoint{} ? never : not_before_;
  }

 private:
  HookLauncher& launcher_;
  Settings settings_;
  std::unordered_map<JobId, Waiting> waiting_;
  std::deque<JobId> order_;
  TimePoint not_before_{};
};

}  // namespace gentlify
