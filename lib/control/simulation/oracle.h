// What a client would do that knows everything about the service: it starts exactly what would be
// admitted, the moment it would be, and no more than can be served without getting slower. What
// fails runs again at once; a broken job is given up after its third attempt.
#pragma once

#include "lib/control/simulation/run.h"

namespace gentlify::sim {

/// How long it takes for the jobs of `plan`; the horizon where it does not come to an end before
/// that.
Duration oracle_makespan(const Model& model, const Plan& plan);

/// The share of jobs done, times the oracle's makespan divided by ours, but at most 1.
double efficiency(const Result& result, Duration oracle);

}  // namespace gentlify::sim
