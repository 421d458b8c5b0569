// The parts of an item: texts in a row, kept in one piece.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gentlify {

class Parts {
 public:
  void add(std::string_view part) {
    append(part);
    close();
  }
  /// A part may also come in pieces; `close` ends it.
  void append(std::string_view piece) { bytes_ += piece; }
  void append(char c) { bytes_ += c; }
  void close() { ends_.push_back(bytes_.size()); }

  /// Makes room for so many more, of so many bytes in all.
  void reserve(std::size_t parts, std::size_t bytes) {
    ends_.reserve(ends_.size() + parts);
    bytes_.reserve(bytes_.size() + bytes);
  }

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  void clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace gentlify
