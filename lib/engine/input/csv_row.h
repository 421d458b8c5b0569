// Takes a row of a table apart (see framer.h for what a row is).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/core/parts.h"

namespace gentlify {

/// Where a row is not as RFC 4180 has it.
struct CsvFault {
  std::size_t at;  ///< byte of the row, from 0
  std::string what;
};

/// Adds the columns of `row`, which has no line end of its own, to `columns`.
std::optional<CsvFault> split_row(std::string_view row, char separator, Parts& columns);

}  // namespace gentlify
