#include "lib/record/journal_line.h"

#include "lib/core/digest.h"

namespace gentlify {

namespace {

constexpr std::string_view mark = ",\"sum\":\"";
constexpr std::string_view end = "\"}";
constexpr std::size_t digits = 16;
constexpr std::size_t seal_size = mark.size() + digits + end.size();

}  // namespace

void seal(std::string& text, std::size_t begin) {
  const std::uint64_t sum = digest(std::string_view(text).substr(begin));
  text.append(mark).append(hex(sum)).append(end) += '\n';
}

bool is_sealed(std::string_view line) {
  if (line.size() < seal_size || line.front() != '{') return false;
  const std::string_view object = line.substr(0, line.size() - seal_size);
  line.remove_prefix(object.size());
  if (!line.starts_with(mark) || !line.ends_with(end)) return false;
  const auto sum = parse_hex(line.substr(mark.size(), digits));
  return sum && *sum == digest(object);
}

}  // namespace gentlify
