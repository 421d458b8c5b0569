#include "lib/record/identity_counts.h"

#include <algorithm>
#include <utility>

namespace gentlify {

namespace {

constexpr std::size_t least = 1024;

/// So many entries fit into so many places: 6 of 7.
constexpr std::size_t capacity(std::size_t places) {
  return places - places / 7;
}

}  // namespace

/// All zeros mark a free place.
std::array<std::uint32_t, 3> IdentityCounts::bits_of(const Identity& identity) {
  std::array<std::uint32_t, 3> bits = {static_cast<std::uint32_t>(identity.high),
                                       static_cast<std::uint32_t>(identity.high >> 32),
                                       static_cast<std::uint32_t>(identity.low)};
  if (bits == std::array<std::uint32_t, 3>{}) bits[0] = 1;
  return bits;
}

/// Its own place, or the free one where it belongs.
IdentityCounts::Entry& IdentityCounts::place_of(const std::array<std::uint32_t, 3>& identity) {
  const std::uint64_t hash = std::uint64_t{identity[1]} << 32 | identity[0];
  std::size_t place = hash % table_.size();
  while (!is_free(table_[place]) && table_[place].identity != identity) {
    if (++place == table_.size()) place = 0;
  }
  return table_[place];
}

IdentityCounts::Entry& IdentityCounts::of(const Identity& identity) {
  const auto bits = bits_of(identity);
  if (!table_.empty()) {
    Entry& entry = place_of(bits);
    if (!is_free(entry)) return entry;
  }
  if (size_ + 1 > capacity(table_.size())) grow(table_.size() + table_.size() / 2);
  Entry& entry = place_of(bits);
  entry.identity = bits;
  ++size_;
  return entry;
}

void IdentityCounts::reserve(std::size_t entries) {
  const std::size_t places = entries + entries / 6 + 1;
  if (places > table_.size()) grow(places);
}

void IdentityCounts::grow(std::size_t places) {
  const std::vector<Entry> old = std::exchange(table_, std::vector<Entry>(std::max(places, least)));
  for (const Entry& entry : old) {
    if (!is_free(entry)) place_of(entry.identity) = entry;
  }
}

}  // namespace gentlify
