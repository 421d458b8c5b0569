// The dates of HTTP (RFC 9110, section 5.6.7), read without the locale and the time zone:
//
//   Sun, 06 Nov 1994 08:49:37 GMT     what servers should send
//   Sunday, 06-Nov-94 08:49:37 GMT    RFC 850
//   Sun Nov  6 08:49:37 1994          asctime
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gentlify {

/// Nothing where `text` is no such date, or one that no calendar has. The day of the week must be
/// one, but need not be the date's. `now` settles the century of a year of two digits: the last one
/// that is not over 50 years ahead.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::sys_seconds now);

}  // namespace gentlify
