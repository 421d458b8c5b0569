// From the settings to what decides: the same controller for a run and for a simulation of one.
#pragma once

#include <cstdint>

#include "cli/settings.h"
#include "lib/control/controller.h"
#include "lib/control/retry.h"

namespace gentlify {

/// `cores` says what 100% is.
Bounds bounds_of(const Settings& settings, int cores);

/// The same `seed` decides the same; both are given the same one.
Controller make_controller(const Settings& settings, int cores, std::uint64_t seed);
Retry make_retry(const Settings& settings, std::uint64_t seed);

}  // namespace gentlify
