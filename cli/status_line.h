// How a run stands, for a person: one redrawn line on a terminal, milestones elsewhere, and a line
// for each change of state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/settings.h"
#include "lib/control/progress.h"
#include "lib/engine/console.h"
#include "lib/engine/engine.h"
#include "lib/engine/input/source.h"

namespace gentlify {

class StatusLine : public Display {
 public:
  struct Options {
    enum class Mode { bar, milestones, none };
    Mode mode = Mode::none;
    Milestones milestones;
    bool color = false;
    int limit = 1;                 ///< the concurrency limit at the start
    std::uint64_t total_told = 0;  ///< by the user; 0: not
  };

  /// Reads `progress` after it has heard each event.
  StatusLine(Console& console, Progress& progress, Source& source, const Options& options);

  void on_event(const Event& event, TimePoint now) override;
  TimePoint refresh(TimePoint now) override;
  void show_state(TimePoint now) override;
  void note(const std::string& sentence) override { state(sentence); }

  /// Tells `progress` how many jobs there are, where that is known by now.
  void learn_total();

  /// Takes the status line away; the end has its own words.
  void close();

 private:
  void adjusted(const event::Adjusted& e);
  void paused(const event::Paused& e, TimePoint now);
  void circuit(const event::CircuitMoved& e, TimePoint now);
  void starved(const event::Starved& e, TimePoint now);
  void draining(const event::Draining& e);
  void stopping(const event::Stopping& e);
  void state(const std::string& sentence);
  TimePoint draw(TimePoint now);
  TimePoint tell_milestones(TimePoint now);
  bool milestone_reached(TimePoint now);
  /// "paused", "draining" or nothing.
  std::string_view mood() const;

  Console& console_;
  Progress& progress_;
  Source& source_;
  Options options_;
  int limit_;
  TimePoint paused_until_{};
  bool paused_by_hand_ = false;
  bool circuit_open_ = false;
  bool ending_ = false;  // draining or stopping
  bool changed_ = true;
  TimePoint next_draw_{};
  TimePoint last_told_;          // the last milestone, or the start
  std::uint64_t told_step_ = 0;  // the last milestone's number
  bool in_percent_ = false;      // which counts percents, since the total is known
  bool told_any_ = false;
  bool told_all_ = false;
  TimePoint starved_told_{};
};

/// "40% 400/1000 · 390 ok 10 failed · 12 running, limit 16 · 38.2/s · 31s left", without the parts
/// at its end that do not fit into `width` columns.
/// With a `mood` ("paused") there is no time left to tell.
std::string describe(const Progress& progress, int limit, std::string_view mood, TimePoint now,
                     std::size_t width);

}  // namespace gentlify
