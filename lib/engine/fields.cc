#include "lib/engine/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ExitCode::usage, sentence);
}

/// Text in braces that is code, as in `awk '{ print $1 }'`, is no name.
bool looks_like_a_name(std::string_view mark) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !mark.empty() && letter(mark.front()) && mark.back() != '.' &&
         std::all_of(mark.begin(), mark.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

}  // namespace

Fields Fields::batch() {
  Fields fields;
  fields.kind_ = Kind::batch;
  return fields;
}

Fields Fields::lists(std::size_t count) {
  Fields fields;
  fields.kind_ = Kind::lists;
  fields.count_ = count;
  return fields;
}

Fields Fields::columns() {
  Fields fields;
  fields.kind_ = Kind::columns;
  return fields;
}

Fields Fields::header(std::vector<std::string> names) {
  Fields fields;
  fields.kind_ = Kind::header;
  fields.count_ = names.size();
  fields.names_ = std::move(names);
  return fields;
}

Fields Fields::members() {
  Fields fields;
  fields.kind_ = Kind::members;
  return fields;
}

std::optional<std::size_t> Fields::find(std::string_view mark) {
  switch (kind_) {
    case Kind::none:
    case Kind::batch: return {};
    case Kind::lists:
    case Kind::columns: return find_number(mark);
    case Kind::members: return find_name(mark);
    case Kind::header: {
      const auto named = find_name(mark);
      return named ? named : find_number(mark);
    }
  }
  return {};
}

std::optional<std::size_t> Fields::find_number(std::string_view mark) const {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(mark.data(), mark.data() + mark.size(), number);
  if (mark.empty() || end != mark.data() + mark.size()) return {};
  if (error == std::errc() && number > 0 && (kind_ == Kind::columns || number <= count_)) {
    return number - 1;
  }
  if (kind_ == Kind::columns) refuse(fmt::format("{{{}}}: columns are counted from 1", mark));
  refuse(fmt::format("{{{}}}: there {}", mark,
                     kind_ == Kind::lists ? fmt::format("are {} lists of items", count_)
                     : count_ == 1        ? "is 1 column"
                                          : fmt::format("are {} columns", count_)));
}

std::optional<std::size_t> Fields::find_name(std::string_view mark) {
  const auto found = std::find(names_.begin(), names_.end(), mark);
  if (found != names_.end()) {
    if (kind_ == Kind::header && std::find(found + 1, names_.end(), mark) != names_.end()) {
      refuse(
          fmt::format("{{{}}}: the header names more than one column so; ask for it by its "
                      "number",
                      escape(mark)));
    }
    return static_cast<std::size_t>(found - names_.begin());
  }
  if (!looks_like_a_name(mark)) return {};
  if (kind_ == Kind::members) {
    names_.emplace_back(mark);
    return names_.size() - 1;
  }
  refuse(fmt::format("{{{}}}: the header names no such column; it has {}", mark,
                     clip(escape(fmt::format("{}", fmt::join(names_, ", "))), 200)));
}

}  // namespace gentlify
