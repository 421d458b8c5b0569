// A report as JSON: what the page shows.
#pragma once

#include <string>

#include "lib/record/report.h"

namespace gentlify {

/// One object on one line. Text in it is as `escape` leaves it, and there is no `<`, so that it may
/// stand in a script element.
std::string report_data(const RunReport& report);

}  // namespace gentlify
