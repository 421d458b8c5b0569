// What `gentlify simulate` tells of its runs: a table for people, JSON for programs, and the trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/control/simulation/run.h"

namespace gentlify {

struct SimulatedRun {
  std::uint64_t seed;
  sim::Result result;
  Duration oracle;
};

std::string simulation_table(const std::vector<SimulatedRun>& runs);

/// One object, on one line: the runs and their means.
std::string simulation_json(const std::vector<SimulatedRun>& runs);

/// The columns of a trace, and a line of it.
inline constexpr const char* trace_header = "time,limit,rate,in_flight\n";
std::string trace_line(const sim::Sample& sample);

}  // namespace gentlify
