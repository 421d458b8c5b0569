// What /proc says of a process group.
#pragma once

#include <sys/types.h>

#include <optional>
#include <unordered_set>

namespace gentlify {

/// The groups that have a living member other than their leader. Reads all of /proc: for the few
/// moments in which a run is being stopped. Nothing where it cannot, for want of descriptors.
std::optional<std::unordered_set<pid_t>> busy_groups();

}  // namespace gentlify
