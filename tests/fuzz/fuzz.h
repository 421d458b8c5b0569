// What the fuzz targets share. A target looks for bytes that break a rule; see tests/fuzz/run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/core/text.h"
#include "lib/engine/input/source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gentlify::fuzz {

/// The rule `what` must hold.
inline void require(bool holds, std::string_view what, std::string_view bytes = {}) {
  if (holds) return;
  std::cerr << "broken: " << what << ": " << escape(bytes) << '\n';
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes the byte at the head of `bytes`, for a decision; 0 where there is none.
inline unsigned take_choice(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto choice = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return choice;
}

inline std::vector<std::string_view> split(std::string_view bytes, char at) {
  std::vector<std::string_view> all;
  for (;;) {
    const std::size_t end = bytes.find(at);
    all.push_back(bytes.substr(0, end));
    if (end == std::string_view::npos) return all;
    bytes.remove_prefix(end + 1);
  }
}

/// Items that stand on lines 1, 2, …
class Lines : public Source {
 public:
  explicit Lines(std::vector<std::string_view> lines) : lines_(std::move(lines)) {}
  Read next(Job& job) override {
    if (next_ == lines_.size()) return Read::end;
    job.item = lines_[next_++];
    job.line = next_;
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return lines_.size(); }
  Rest rest() override { return {lines_.size() - next_, true}; }

 private:
  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
};

}  // namespace gentlify::fuzz
