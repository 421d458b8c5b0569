#include "lib/engine/control_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gentlify::control {

namespace {

/// "CODE LENGTH\n" is never longer.
constexpr std::size_t longest_head = 32;

}  // namespace

bool is_text(std::string_view received) {
  return std::all_of(received.begin(), received.end(), [](char c) {
    return c == '\n' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

std::optional<std::string> take_request(std::string& received) {
  const std::size_t end = received.find('\n');
  if (end == std::string::npos) return {};
  std::string request = received.substr(0, end);
  received.erase(0, end + 1);
  return request;
}

std::vector<std::string_view> words_of(std::string_view request) {
  std::vector<std::string_view> words;
  while (!request.empty()) {
    const std::size_t space = std::min(request.find(' '), request.size());
    if (space > 0) words.push_back(request.substr(0, space));
    request.remove_prefix(std::min(space + 1, request.size()));
  }
  return words;
}

std::string to_bytes(const Answer& answer) {
  return fmt::format("{} {}\n{}", static_cast<int>(answer.code), answer.text.size(), answer.text);
}

Received receive(std::string_view bytes) {
  Received partial;
  Received broken{Received::State::broken};
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos) return bytes.size() < longest_head ? partial : broken;
  const char* const end = bytes.data() + line;
  int code = 0;
  std::size_t length = 0;
  const auto head = std::from_chars(bytes.data(), end, code);
  if (head.ec != std::errc() || head.ptr == end || *head.ptr != ' ') return broken;
  const auto tail = std::from_chars(head.ptr + 1, end, length);
  if (tail.ec != std::errc() || tail.ptr != end || length > longest_answer) return broken;
  if (code < 0 || code > 255) return broken;
  const std::string_view text = bytes.substr(line + 1);
  if (text.size() > length) return broken;
  if (text.size() < length) return partial;
  return {Received::State::whole, {static_cast<ExitCode>(code), std::string(text)}};
}

}  // namespace gentlify::control
