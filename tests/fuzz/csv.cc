// Tables: pieces of any size give the rows of the whole, nothing is lost, and columns that are
// written with quotes are read back.
#include <algorithm>
#include <string>
#include <vector>

#include "lib/engine/input/csv_row.h"
#include "lib/engine/input/framer.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

struct Row {
  std::string bytes;
  std::uint64_t line = 0;
  bool operator==(const Row&) const = default;
};

std::vector<Row> rows_of(std::string_view bytes, char separator, std::size_t size) {
  Framer framer = Framer::table(separator);
  std::vector<Row> rows;
  std::string row;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const Framer::Cut cut = framer.cut(piece);
      require(cut.length + cut.skip <= piece.size(), "a cut is inside its bytes");
      require(cut.length + cut.skip > 0, "a cut takes something");
      row += piece.substr(0, cut.length);
      for (const char c : piece.substr(cut.length, cut.skip)) {
        require(c == '\n' || c == '\r', "only line ends are skipped");
      }
      piece.remove_prefix(cut.length + cut.skip);
      if (cut.ended) rows.push_back({std::exchange(row, {}), framer.record_line()});
    }
  }
  if (!row.empty()) {
    framer.finish();
    rows.push_back({row, framer.record_line()});
  }
  return rows;
}

std::string quoted(const Parts& columns, char separator) {
  std::string row;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) row += separator;
    row += '"';
    for (const char c : columns[i]) row += c == '"' ? "\"\"" : std::string(1, c);
    row += '"';
  }
  return row;
}

void check_row(const Row& row, char separator) {
  Parts columns;
  if (const auto fault = split_row(row.bytes, separator, columns)) {
    require(fault->at < row.bytes.size(), "a fault is inside its row", row.bytes);
    return;
  }
  require(!columns.empty(), "a row has a column", row.bytes);
  const std::string again = quoted(columns, separator);
  Parts same;
  require(!split_row(again, separator, same), "what is quoted is a row", again);
  require(same.size() == columns.size(), "what is quoted has as many columns", again);
  for (std::size_t i = 0; i < same.size(); ++i) {
    require(same[i] == columns[i], "what is quoted is read back", again);
  }
  const std::vector<Row> framed = rows_of(again + "\nx", separator, again.size() + 2);
  require(framed.size() == 2 && framed[0].bytes == again, "what is quoted is one row", again);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const unsigned choice = fuzz::take_choice(bytes);
  const char separator = (choice & 1U) != 0 ? '\t' : ',';
  const std::vector<Row> rows = rows_of(bytes, separator, bytes.size() + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2} + (choice >> 1U)}) {
    require(rows_of(bytes, separator, piece) == rows, "pieces give the rows of the whole", bytes);
  }
  for (const Row& row : rows) check_row(row, separator);
  return 0;
}
