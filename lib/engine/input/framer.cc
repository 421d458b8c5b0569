#include "lib/engine/input/framer.h"

#include <algorithm>

namespace gentlify {

namespace {

constexpr char quote = '"';

bool ends_line(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

Framer::Cut Framer::cut(std::string_view bytes) {
  if (table_) return cut_row(bytes);
  const std::size_t at = bytes.find(mark_);
  return at == std::string_view::npos ? Cut{bytes.size(), 0, false} : end(bytes, at);
}

void Framer::finish() {
  record_line_ = line_;
  line_ = ++next_line_;
  state_ = State::column_begin;
  after_return_ = false;
}

Framer::Cut Framer::end(std::string_view bytes, std::size_t length) {
  finish();
  const bool both =
      table_ && bytes[length] == '\r' && length + 1 < bytes.size() && bytes[length + 1] == '\n';
  after_return_ = table_ && bytes[length] == '\r' && length + 1 == bytes.size();
  return {length, both ? 2U : 1U, true};
}

Framer::Cut Framer::cut_row(std::string_view bytes) {
  if (after_return_) {
    after_return_ = false;
    if (bytes.front() == '\n') return {0, 1, false};
  }
  // Most rows hold neither quotes nor \r.
  if (state_ == State::column_begin || state_ == State::column) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    if (line.find(quote) == std::string_view::npos && line.find('\r') == std::string_view::npos) {
      if (line.size() < bytes.size()) return end(bytes, line.size());
      state_ = line.back() == mark_ ? State::column_begin : State::column;
      return {line.size(), 0, false};
    }
  }
  const std::size_t at = to_line_end(bytes);
  return at == bytes.size() ? Cut{at, 0, false} : end(bytes, at);
}

/// The place of the line end that ends the record; the size of `bytes` where it is not in them.
std::size_t Framer::to_line_end(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (state_ == State::quoted) {
      i += through_quoted(bytes.substr(i));
      continue;
    }
    if (ends_line(bytes[i])) return i;
    state_ = after(bytes[i]);
    ++i;
  }
  return i;
}

/// Takes the rest of a quoted column, with its closing quote if that is there.
std::size_t Framer::through_quoted(std::string_view bytes) {
  const std::size_t end = bytes.find(quote);
  const std::string_view inside = bytes.substr(0, end);
  next_line_ += static_cast<std::uint64_t>(std::count(inside.begin(), inside.end(), '\n'));
  if (end == std::string_view::npos) return bytes.size();
  state_ = State::quote_in_quoted;
  return end + 1;
}

/// The state after `c`, which ends no line.
Framer::State Framer::after(char c) const {
  const State inside = c == mark_ ? State::column_begin : State::column;
  switch (state_) {
    case State::file_begin:
      if (c == '\xEF') return State::mark_1;
      return c == quote ? State::quoted : inside;
    case State::mark_1: return c == '\xBB' ? State::mark_2 : inside;
    case State::mark_2: return c == '\xBF' ? State::column_begin : inside;
    case State::column_begin: return c == quote ? State::quoted : inside;
    case State::column: return inside;
    case State::quote_in_quoted:
      if (c == quote) return State::quoted;
      return c == mark_ ? State::column_begin : State::spoiled;
    case State::quoted:
    case State::spoiled: return state_;
  }
  return state_;
}

}  // namespace gentlify
