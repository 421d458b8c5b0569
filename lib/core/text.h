// Text for people: nothing that comes from outside may move the cursor or hide what follows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/core/time.h"

namespace gentlify {

struct Character {
  std::size_t length;  ///< in bytes; 0 where the bytes are not UTF-8: cut, overlong, a surrogate
  std::uint32_t code;
};
/// The UTF-8 character at the head of `text`, which must not be empty.
Character first_character(std::string_view text);

/// `text` on one line: control characters, bidirectional controls and bytes that are not UTF-8 are
/// shown as \n, \t, \xHH or \u{HHHH}.
std::string escape(std::string_view text);

/// `text` cut to at most `width` columns, never inside a character; "…" marks a cut.
std::string clip(std::string_view text, std::size_t width);

/// Columns that UTF-8 `text` takes on a terminal: none for what combines with the character before
/// it, two for wide characters, one for bytes that are not UTF-8.
std::size_t columns(std::string_view text);

/// Characters of UTF-8 `text`, as editors count them.
std::size_t characters(std::string_view text);

/// `word` as a POSIX shell reads it back, byte for byte.
std::string shell_quote(std::string_view word);

/// `text` with *** for the password of each URL in it: scheme://user:password@host.
std::string without_passwords(std::string_view text);

/// "<1ms", "3.6ms", "1.5s", "31s", "2m 5s", "3h 20m": two digits, or two units.
std::string human(Duration d);

/// "1 job", "2 jobs".
std::string counted(unsigned long long n, std::string_view singular);

}  // namespace gentlify
