// What /proc says of a process group.
#pragma once

#include <sys/types.h>

namespace gentlify {

/// The group of `leader` has a member beside it that has not ended. Reads all of /proc: for the few
/// moments in which a run is being stopped.
bool group_has_others(pid_t leader);

}  // namespace gentlify
