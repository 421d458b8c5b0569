// Fingerprints of bytes: XXH3. They tell what has changed by accident; they do not resist someone
// who looks for two texts of one fingerprint.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace gentlify {

/// 128 bits that stand for something.
struct Identity {
  std::uint64_t high = 0, low = 0;

  auto operator<=>(const Identity&) const = default;
};

/// 16 hexadecimal digits, lower case; the number they are, or nothing where they are something
/// else.
std::string hex(std::uint64_t number);
std::optional<std::uint64_t> parse_hex(std::string_view digits);
/// 32 of them.
std::string hex(const Identity& identity);
std::optional<Identity> parse_identity(std::string_view digits);

/// XXH3-64 of the bytes.
std::uint64_t digest(std::string_view bytes);
/// XXH3-128 of the bytes, with `seed`.
Identity identity_of(std::string_view bytes, std::uint64_t seed);

/// XXH3-64 of identities in a row, at any point of it.
class RollingDigest {
 public:
  /// Throws std::bad_alloc.
  RollingDigest();

  void add(const Identity& identity);
  std::uint64_t value() const;
  void reset();

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace gentlify
