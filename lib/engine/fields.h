// What {N} and {name} stand for in a template: parts of the item, by their place.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gentlify {

class Fields {
 public:
  /// Items that have no parts: {1} and {name} are plain text.
  Fields() = default;
  /// Items of a batch: {} stands for all of them.
  static Fields batch();
  /// Values of `count` lists: {1} to {count}, and {} for all of them.
  static Fields lists(std::size_t count);
  /// Columns, as many as a row has: {1}, {2}, …
  static Fields columns();
  /// Columns with names.
  static Fields header(std::vector<std::string> names);
  /// Members with any name. Those that are asked for are the parts, in the order of asking.
  static Fields members();

  /// The part that {mark} stands for; nothing where that is plain text. Throws Error(usage) where
  /// there is no such part in any item.
  std::optional<std::size_t> find(std::string_view mark);

  /// Whether a word that is {} becomes a word for each part.
  bool spread() const { return kind_ == Kind::batch || kind_ == Kind::lists; }

  /// The names of the header, or of the members that were asked for.
  const std::vector<std::string>& names() const { return names_; }

 private:
  enum class Kind { none, batch, lists, columns, header, members };

  std::optional<std::size_t> find_number(std::string_view mark) const;
  std::optional<std::size_t> find_name(std::string_view mark);

  Kind kind_ = Kind::none;
  std::size_t count_ = 0;  // of lists and of columns with names
  std::vector<std::string> names_;
};

}  // namespace gentlify
