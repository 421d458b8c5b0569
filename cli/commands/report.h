// `gentlify report`: how the run went that a journal is the record of.
#pragma once

#include <string>

#include "cli/options.h"

namespace gentlify {

/// What is to be printed; the page is written to the file that was asked for. Throws Error where
/// the journal cannot be read or the page cannot be written.
std::string report(const Options& options);

}  // namespace gentlify
