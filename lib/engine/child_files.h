// What children are given in place of our own descriptors.
#pragma once

#include <string_view>

#include "lib/engine/fd.h"

namespace gentlify {

/// A pipe that a child writes into.
struct PipeEnds {
  Fd read, write;

  /// Makes the pipe; false and errno where there is none to be had. Our end does not block: an
  /// event is a hint, and what it told of may have been read at the child's end, in the same round.
  /// The child's end is another open file, and blocks.
  bool open();
};

/// A file that holds `bytes`, to be read from its beginning. Throws std::system_error.
Fd file_with(std::string_view bytes);

}  // namespace gentlify
