// From the settings to what decides: the same controller for a run and for a simulation of one.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/settings.h"
#include "lib/control/controller.h"
#include "lib/control/progress.h"
#include "lib/control/retry.h"

namespace gentlify {

/// `cores` says what 100% is.
Bounds bounds_of(const Settings& settings, int cores);

/// Tells what no law leaves, for the time that is left.
void tell_limits(const Settings& settings, int cores, Progress& progress);

/// The rate that the user set; nothing where none is.
std::optional<Pacer::Settings> pacer_settings(const Settings& settings);

/// The same `seed` decides the same; both are given the same one.
/// With `permits`, those of a fleet, rate and budget are the fleet's.
Controller make_controller(const Settings& settings, int cores, std::uint64_t seed,
                           Permits* permits = nullptr);
Retry make_retry(const Settings& settings, std::uint64_t seed);

}  // namespace gentlify
