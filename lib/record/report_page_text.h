// The page of a report as the build has put it together, without data.
#pragma once

#include <string_view>

namespace gentlify {

/// Empty where it was built without npm, and so without the library that draws the plots.
std::string_view report_page_text();

}  // namespace gentlify
