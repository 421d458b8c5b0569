// A report for a terminal: tables and sparklines.
#pragma once

#include <cstddef>
#include <string>

#include "lib/record/report.h"

namespace gentlify {

/// In lines of `width` columns, where there are as many as 40.
std::string report_text(const RunReport& report, std::size_t width);

}  // namespace gentlify
