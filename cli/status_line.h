// How a run stands: for a person one redrawn line on a terminal, milestones elsewhere, and a line
// for each change of state; for a program lines of JSON.
#pragma once

#include <cstdint>
#include <string>

#include "cli/settings.h"
#include "cli/status_text.h"
#include "lib/control/progress.h"
#include "lib/control/run_state.h"
#include "lib/control/scheduler.h"
#include "lib/engine/console.h"
#include "lib/engine/engine.h"
#include "lib/engine/input/source.h"

namespace gentlify {

class StatusLine : public Display {
 public:
  struct Options {
    enum class Mode { bar, milestones, json, none };
    Mode mode = Mode::none;
    Milestones milestones;
    Look look;
    std::uint64_t total_told = 0;  ///< by the user; 0: not
  };

  /// Reads `progress` after it has heard each event.
  StatusLine(Console& console, Progress& progress, const Scheduler& scheduler, Source& source,
             const Options& options);

  void on_event(const Event& event, TimePoint now) override;
  TimePoint refresh(TimePoint now) override;
  void show_state(TimePoint now) override;
  void note(const std::string& sentence) override { state(sentence); }

  /// Tells `progress` how many jobs there are, where that is known by now.
  void learn_total();

  /// How the run stands.
  RunState run_state(TimePoint now) const;

  /// Takes the status line away; the end has its own words.
  void close();
  /// The run is over, and all is said. A program gets a last line.
  void finish(TimePoint now);

 private:
  void adjusted(const event::Adjusted& e, TimePoint now);
  void paused(const event::Paused& e, TimePoint now);
  void circuit(const event::CircuitMoved& e, TimePoint now);
  void fleet(const event::FleetMoved& e);
  void starved(const event::Starved& e, TimePoint now);
  void draining(const event::Draining& e);
  void stopping(const event::Stopping& e);
  void state(const std::string& sentence);
  TimePoint draw(TimePoint now);
  TimePoint tell_program(TimePoint now);
  void tell_program(TimePoint now, std::string_view type);
  TimePoint tell_milestones(TimePoint now);
  bool milestone_reached(TimePoint now);

  Console& console_;
  Progress& progress_;
  const Scheduler& scheduler_;
  Source& source_;
  Options options_;
  RunState::Phase phase_ = RunState::Phase::running;
  TimePoint paused_until_{};
  bool paused_by_hand_ = false;
  bool changed_ = true;
  TimePoint drawn_{};
  TimePoint next_draw_{};
  TimePoint last_told_;          // the last milestone, or the start
  std::uint64_t told_step_ = 0;  // the last milestone's number
  bool in_percent_ = false;      // which counts percents, since the total is known
  bool told_any_ = false;
  bool told_all_ = false;
  TimePoint starved_told_{};
  TimePoint cut_told_{};
  std::uint64_t cuts_untold_ = 0;  // since then
};

}  // namespace gentlify
