#include "lib/engine/input/header_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/input/row_source.h"

namespace gentlify {

HeaderSource::HeaderSource(std::unique_ptr<Source> rows, char separator)
    : SourceOver(std::move(rows)), skipped_(1) {
  Job job;
  for (Read read = Read::more; read != Read::item;) {
    read = inner().next(job);
    if (read == Read::wait) inner().wait(Duration::max());
    if (read == Read::end) {
      throw Error(ExitCode::bad_data, inner().error().empty()
                                          ? "there is no header: the input is empty"
                                          : inner().error());
    }
  }
  split_columns(job, separator);
  if (!job.defect.empty()) {
    throw Error(ExitCode::bad_data, "the header cannot be read: " + job.defect);
  }
  header_ = job.item;
  for (std::size_t i = 0; i < job.parts.size(); ++i) names_.emplace_back(job.parts[i]);
}

Source::Read HeaderSource::next(Job& job) {
  const Read read = inner().next(job);
  if (read != Read::item) return read;
  if (job.line == 1) {
    drop_byte_order_mark(job);
    other_ = job.item != header_;
    ++skipped_;
    return Read::more;
  }
  // An empty line is a row with one empty column: where rows have more it is none.
  if (job.item.empty() && job.defect.empty() && names_.size() > 1) {
    ++skipped_;
    return Read::more;
  }
  if (other_ && job.defect.empty()) {
    job.defect = fmt::format("the header of its file is not that of the first one ({})",
                             clip(escape(header_), 60));
  }
  return Read::item;
}

std::optional<std::uint64_t> HeaderSource::total() {
  const auto total = inner().total();
  return total ? std::optional(*total - std::min(*total, skipped_)) : std::nullopt;
}

}  // namespace gentlify
