// The first row of each file of a table names the columns: takes these rows out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/engine/input/source.h"

namespace gentlify {

class HeaderSource : public SourceOver {
 public:
  /// `rows` are raw, also empty ones. The header of the first file is read now. Throws
  /// Error(bad_data) where there is none, or it cannot be taken apart.
  HeaderSource(std::unique_ptr<Source> rows, char separator);

  /// Rows of a file with another header cannot be run.
  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override;

  const std::vector<std::string>& names() const { return names_; }
  /// The row itself.
  const std::string& header() const { return header_; }

 private:
  std::string header_;
  std::vector<std::string> names_;
  bool other_ = false;         // this file's header is not that of the first one
  std::uint64_t skipped_ = 0;  // items of `inner` that are no rows
};

}  // namespace gentlify
