// The hooks of a run as the settings want them, and what they are told: records as the journal has
// them.
#pragma once

#include <optional>
#include <string>

#include "cli/request.h"
#include "lib/core/event.h"
#include "lib/engine/engine.h"
#include "lib/record/journal_text.h"

namespace gentlify {

/// Where none is wanted it does nothing.
class RunHooks : public EventSink {
 public:
  /// `jobs`: what holds for them holds for hooks. Throws Error where the shell is not there.
  RunHooks(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host,
           const Launcher::Settings& jobs, int most_jobs, Display& display);

  /// The run begins: they are part of it.
  void join(Engine& engine, Scheduler& scheduler);
  void on_event(const Event& event, TimePoint now) override;

  /// The run is over: tells that, and waits for the calls that still run. Returns what went wrong
  /// with hooks, in sentences.
  std::vector<std::string> close(int exit);

 private:
  std::string record_of(const Event& event, TimePoint now);
  void ended(const event::Ended& ended, TimePoint now);

  Environment environment_;
  JournalText text_;
  std::optional<HookLauncher> launcher_;
  std::optional<Hooks> hooks_;
  std::optional<Fallbacks> fallbacks_;
};

}  // namespace gentlify
