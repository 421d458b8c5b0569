// The page of a report: one file that needs nothing from anywhere.
#pragma once

#include <optional>
#include <string>

#include "lib/record/report.h"

namespace gentlify {

/// Nothing where this build has no page, as one without npm.
std::optional<std::string> report_page(const RunReport& report);

/// The same page without a run in it: it asks the server that it comes from for data.json, which is
/// `report_data`, and again every few seconds.
std::optional<std::string> live_report_page();

}  // namespace gentlify
