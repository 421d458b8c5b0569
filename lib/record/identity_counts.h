// How often things that share an identity have been met: a hash table of 20 bytes an entry, of
// which no more than a seventh is ever empty but right after it grew. 96 bits of an identity are
// kept: of ten million, two are taken for the same with a chance of 1 in 10^15.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/core/digest.h"

namespace gentlify {

class IdentityCounts {
 public:
  struct Entry {
    std::array<std::uint32_t, 3> identity{};
    std::uint32_t begun = 0;  ///< jobs that were ever started
    std::uint32_t done = 0;   ///< of them, those that are done and were not met again
  };

  /// The entry of the identity, made where there is none. It is good until the next call.
  Entry& of(const Identity& identity);
  /// Makes room for so many entries.
  void reserve(std::size_t entries);
  std::size_t size() const { return size_; }

 private:
  static std::array<std::uint32_t, 3> bits_of(const Identity& identity);
  static bool is_free(const Entry& entry) {
    return entry.identity == std::array<std::uint32_t, 3>{};
  }
  Entry& place_of(const std::array<std::uint32_t, 3>& identity);
  void grow(std::size_t places);

  std::vector<Entry> table_;
  std::size_t size_ = 0;
};

}  // namespace gentlify
