// Where the sockets of runs are: the one that --control names, or one for each run in a directory
// of the user's.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace gentlify {

/// "$XDG_RUNTIME_DIR/gentlify"; empty where there is no such directory to be in.
std::string control_directory();

/// Makes the directory, for us alone, and names the socket of the run of process `pid` in it.
/// Throws Error(cannot_create) where it is not ours alone.
std::string default_control_path(pid_t pid);

/// The sockets in the directory at which a run listens. Names that runs have left behind are taken
/// away.
std::vector<std::string> listening_runs();

}  // namespace gentlify
