#include "lib/core/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace gentlify {

namespace {

constexpr std::size_t digits_of_number = 16;

}  // namespace

std::string hex(std::uint64_t number) {
  return fmt::format("{:016x}", number);
}

std::string hex(const Identity& identity) {
  return fmt::format("{:016x}{:016x}", identity.high, identity.low);
}

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  if (digits.size() != digits_of_number) return {};
  if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

std::optional<Identity> parse_identity(std::string_view digits) {
  const auto high = parse_hex(digits.substr(0, digits_of_number));
  const auto low = parse_hex(digits.substr(std::min(digits.size(), digits_of_number)));
  if (!high || !low) return {};
  return Identity{*high, *low};
}

std::uint64_t digest(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

Identity identity_of(std::string_view bytes, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

void RollingDigest::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

RollingDigest::RollingDigest() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  reset();
}

void RollingDigest::add(const Identity& identity) {
  const std::array<std::uint64_t, 2> words = {identity.high, identity.low};
  XXH3_64bits_update(state_.get(), words.data(), sizeof words);
}

std::uint64_t RollingDigest::value() const {
  return XXH3_64bits_digest(state_.get());
}

void RollingDigest::reset() {
  XXH3_64bits_reset(state_.get());
}

}  // namespace gentlify
