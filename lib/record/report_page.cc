#include "lib/record/report_page.h"

#include "lib/record/report_json.h"
#include "lib/record/report_page_text.h"

namespace gentlify {

namespace {

/// Where the data stands in the page.
constexpr std::string_view mark = "@DATA@";

std::optional<std::string> page_with(std::string_view data) {
  const std::string_view page = report_page_text();
  const std::size_t at = page.find(mark);
  if (at == std::string_view::npos) return {};
  std::string out;
  out.reserve(page.size() + data.size());
  out.append(page.substr(0, at)).append(data).append(page.substr(at + mark.size()));
  return out;
}

}  // namespace

std::optional<std::string> report_page(const RunReport& report) {
  return page_with(report_data(report));
}

std::optional<std::string> live_report_page() {
  return page_with("null");
}

}  // namespace gentlify
