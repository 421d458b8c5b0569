// The words in which a run's state is told.
#pragma once

#include <string>

#include "lib/control/run_state.h"

namespace gentlify {

/// "40% 400/1000 · 390 ok 10 failed · 12 running, limit 16 · 38.2/s · 31s left": a line of a log.
std::string describe(const RunState& state);

/// How a status line looks.
struct Look {
  bool color = false;
  bool unicode = true;  ///< else ASCII alone
};

/// The same with a bar, and with what the next start waits for, in at most `width` columns. What is
/// less important goes as there is less room.
std::string status_line(const RunState& state, std::size_t width, const Look& look);

/// What the next start waits for, if that is worth telling: "paused 30s", "circuit open 12s",
/// "waiting: rate 0.4s", "draining".
std::string waiting_text(const RunState& state);

}  // namespace gentlify
