// The reasons to wait before a start. One of them binds at any time: the one that opens last.
#pragma once

#include <cstddef>
#include <string_view>

#include "lib/core/time.h"

namespace gentlify {

enum class Gate {
  none,      ///< nothing waits: every job that is left is running
  slots,     ///< the concurrency limit
  rate,      ///< the rate that the user set
  interval,  ///< the adaptive spacing of starts
  budget,    ///< the token budget
  circuit,   ///< the circuit is open: the service is away
  pause,     ///< a pause asked for from outside, or by the service
  retry,     ///< only jobs that wait for their retry are left
  load,      ///< the load average of this machine is over what the user set
  memory,    ///< the pressure on this machine's memory is
  local,     ///< this machine is short of processes, descriptors or memory
  output,    ///< the reader of our output is slower than the jobs
  input,     ///< the next item has not come yet
  fleet,     ///< the fleet: its limits, or nobody can reach it
  drain,     ///< the run is ending: nothing starts any more
};
inline constexpr std::size_t gate_count = static_cast<std::size_t>(Gate::drain) + 1;

std::string_view name(Gate gate);

/// There is something to wait for that is not the end of the run itself.
constexpr bool is_wait(Gate gate) {
  return gate != Gate::none && gate != Gate::drain;
}

/// The answer to "when may the next attempt start?": not before `at`, because of `gate`.
struct Admission {
  TimePoint at;
  Gate gate = Gate::none;
};

/// The admission that binds: the later one; the first where they are equal.
constexpr Admission binding(Admission a, Admission b) {
  return b.at > a.at ? b : a;
}

}  // namespace gentlify
