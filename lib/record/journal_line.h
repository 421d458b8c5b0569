// A line of a journal: a JSON object whose last member is a checksum of what is before it, so that
// a line that was torn or altered shows.
#pragma once

#include <string>
#include <string_view>

namespace gentlify {

/// Ends the object that begins at `begin` in `text`, and has its members and no closing brace:
/// with the member "sum", XXH3-64 of the bytes before `,"sum":`, and a newline.
void seal(std::string& text, std::size_t begin);

/// Whether the line, without its newline, is as `seal` has left it.
bool is_sealed(std::string_view line);

}  // namespace gentlify
