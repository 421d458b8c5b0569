// How a run stands, for programs: one JSON object on one line. Its members are always there, and
// null where something is not known or there is none:
//
//   ok failed retrying falling_back   jobs
//   done total                        jobs that are ok or failed, and all
//   running limit                     jobs in flight, and how many may be
//   interval                          seconds that the controller keeps between starts
//   rate_cap                          starts (or cost) a second by --rate
//   rate                              completions a second of late
//   eta eta_spread                    seconds left, and half the width of where that lies
//   gate opens_in                     what the next start waits for, and how many seconds still
//   paused pause_left                 true or false, and seconds (null: until it is ended)
//   circuit_open circuit_left         the same
//   phase                             running, draining, stopping, killing or ended
//   elapsed attempts cuts             seconds; attempts made; times that it slowed down
#pragma once

#include <string>
#include <string_view>

#include "lib/control/run_state.h"

namespace gentlify {

/// Without a newline. A `type` comes first, as "t".
std::string to_json(const RunState& state, std::string_view type = {});

}  // namespace gentlify
