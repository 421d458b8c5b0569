#include "lib/engine/input/row_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/core/text.h"
#include "lib/engine/input/csv_row.h"

namespace gentlify {

void drop_byte_order_mark(Job& job) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (job.line == 1 && job.item.starts_with(mark)) job.item.erase(0, mark.size());
}

void split_columns(Job& job, char separator) {
  drop_byte_order_mark(job);
  job.parts.clear();
  if (!job.defect.empty()) return;
  const auto fault = split_row(job.item, separator, job.parts);
  if (!fault) return;
  const std::string_view before = std::string_view(job.item).substr(0, fault->at);
  const auto lines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  job.defect =
      fmt::format("line {}, column {}: {}", job.line + lines, characters(line) + 1, fault->what);
  if (lines > 0) {
    job.defect += fmt::format("; the row begins in line {}", job.line);
    return;
  }
  const auto taken =
      std::count(job.item.begin(), job.item.end(), '\n') - (job.item.ends_with('\n') ? 1 : 0);
  if (taken == 0) return;
  job.defect += fmt::format(", and takes the next {} with it",
                            taken == 1 ? "line" : fmt::format("{} lines", taken));
}

Source::Read RowSource::next(Job& job) {
  const Read read = inner().next(job);
  if (read != Read::item) return read;
  split_columns(job, separator_);
  if (job.defect.empty() && columns_ > 0 && job.parts.size() != columns_) {
    job.defect =
        fmt::format("it has {}, the header {}", counted(job.parts.size(), "column"), columns_);
  }
  return read;
}

}  // namespace gentlify
