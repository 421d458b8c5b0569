// write(2), all or nothing.
#pragma once

#include <string_view>

#include "lib/core/time.h"

namespace gentlify {

/// Writes all of `text`; returns 0, or the errno with which that failed. What was written of it is
/// taken back then, where `fd` is a file that can be cut. A pipe whose reader takes nothing for
/// `patience` fails with ETIMEDOUT.
int write_whole(int fd, std::string_view text, Duration patience = Duration::max());

}  // namespace gentlify
