#include "lib/engine/input/csv_row.h"

#include <algorithm>

namespace gentlify {

namespace {

constexpr char quote = '"';

/// Takes a quoted column from the head of `row`, beginning with its quote, and returns its length
/// with both quotes; nothing where it is not closed.
std::optional<std::size_t> take_quoted(std::string_view row, Parts& columns) {
  std::size_t i = 1;
  for (;;) {
    const std::size_t end = row.find(quote, i);
    if (end == std::string_view::npos) return {};
    columns.append(row.substr(i, end - i));
    i = end + 1;
    if (i == row.size() || row[i] != quote) return i;
    columns.append(quote);
    ++i;
  }
}

}  // namespace

std::optional<CsvFault> split_row(std::string_view row, char separator, Parts& columns) {
  const auto separators = std::count(row.begin(), row.end(), separator);
  columns.reserve(static_cast<std::size_t>(separators) + 1, row.size());
  std::size_t at = 0;
  for (;;) {
    std::string_view rest = row.substr(at);
    std::size_t length = 0;
    if (rest.starts_with(quote)) {
      const auto quoted = take_quoted(rest, columns);
      if (!quoted) return CsvFault{at, "the quote that opens here is not closed"};
      length = *quoted;
      if (length < rest.size() && rest[length] != separator) {
        return CsvFault{at + length, "after a closing quote there must be the separator"};
      }
    } else {
      length = rest.find(separator);
      if (length == std::string_view::npos) length = rest.size();
      columns.append(rest.substr(0, length));
    }
    columns.close();
    if (length == rest.size()) return {};
    at += length + 1;
  }
}

}  // namespace gentlify
