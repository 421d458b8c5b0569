// Reads the journal of a run for a report, without a lock: the run may still write it.
#pragma once

#include <string>

#include "lib/record/report.h"

namespace gentlify {

/// Throws Error: no_input or no_permission where it cannot be read, bad_data where it is no journal
/// or damaged before its end. What its end has torn is told in the notes.
RunReport read_report(const std::string& path);

}  // namespace gentlify
