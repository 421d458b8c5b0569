// A set of exit statuses.
#pragma once

#include <bitset>

namespace gentlify {

/// One bit for each status, 0..255.
using ExitSet = std::bitset<256>;

}  // namespace gentlify
