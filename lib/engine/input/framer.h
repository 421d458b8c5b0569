// Finds where records end in a stream of bytes that comes in pieces: at each delimiter, or, for a
// table, at each line end (\n, \r\n or \r) that is not inside a quoted column.
//
// A column is quoted where its first byte is a quote; a quote inside is doubled (RFC 4180). What
// follows the closing quote and is neither separator nor line end spoils the record, which then
// ends with its line. A byte order mark before the first column of a file is no part of that
// column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gentlify {

class Framer {
 public:
  static Framer delimited(char delimiter) { return {delimiter, false}; }
  static Framer table(char separator) { return {separator, true}; }

  struct Cut {
    std::size_t length = 0;  ///< so many bytes belong to the record
    std::size_t skip = 0;    ///< and so many more to its end
    bool ended = false;
  };
  /// Takes `bytes`, the next of the stream and not empty, up to the end of a record.
  Cut cut(std::string_view bytes);

  /// The stream has ended, and the record with it.
  void finish();

  /// The line that the last record began in, from 1, and the one that the next one begins in.
  std::uint64_t record_line() const { return record_line_; }
  /// Another file follows.
  void restart() { *this = Framer(mark_, table_); }

 private:
  enum class State {
    file_begin,
    mark_1,  // after the first byte of a byte order mark
    mark_2,
    column_begin,
    column,
    quoted,
    quote_in_quoted,
    spoiled
  };

  Framer(char mark, bool table) : mark_(mark), table_(table) {}
  Cut cut_row(std::string_view bytes);
  std::size_t to_line_end(std::string_view bytes);
  std::size_t through_quoted(std::string_view bytes);
  State after(char c) const;
  Cut end(std::string_view bytes, std::size_t length);

  char mark_;  // the delimiter, or the separator of columns
  bool table_;
  State state_ = State::file_begin;
  bool after_return_ = false;      // a \n that follows belongs to the record's end
  std::uint64_t line_ = 1;         // the current record's first
  std::uint64_t next_line_ = 1;    // where the scan is
  std::uint64_t record_line_ = 1;  // the last record's first
};

}  // namespace gentlify
