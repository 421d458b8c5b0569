#include "lib/core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gentlify {

namespace {

/// Characters that change how the text around them is read: C1 and the bidirectional controls.
bool is_hidden_control(std::uint32_t code) {
  return (code >= 0x7F && code < 0xA0) || code == 0x061C || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char head = byte(0);
  if (head < 0x80) return {1, head};
  std::size_t length = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;
  if (head >= 0xC2 && head <= 0xDF) {
    length = 2, code = head & 0x1FU, smallest = 0x80;
  } else if (head >= 0xE0 && head <= 0xEF) {
    length = 3, code = head & 0x0FU, smallest = 0x800;
  } else if (head >= 0xF0 && head <= 0xF4) {
    length = 4, code = head & 0x07U, smallest = 0x10000;
  }
  if (length == 0 || text.size() < length) return {0, 0};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {0, 0};
  return {length, code};
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(c.length, 1));
    if (c.length == 0) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(bytes[0]));
    } else if (c.code == '\n') {
      out += "\\n";
    } else if (c.code == '\t') {
      out += "\\t";
    } else if (c.code < 0x20) {
      out += fmt::format("\\x{:02X}", c.code);
    } else if (is_hidden_control(c.code)) {
      out += fmt::format("\\u{{{:04X}}}", c.code);
    } else {
      out += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return out;
}

std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  return n;
}

std::string shell_quote(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string without_passwords(std::string_view text) {
  constexpr std::string_view mark = "://";
  std::string out;
  for (;;) {
    const std::size_t scheme = text.find(mark);
    if (scheme == std::string_view::npos) return out.append(text);
    const std::size_t begin = scheme + mark.size();
    out += text.substr(0, begin);
    text.remove_prefix(begin);
    const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'"));
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (at == std::string_view::npos || colon >= at) continue;
    out += text.substr(0, colon + 1);
    out += "***";
    text.remove_prefix(at);
  }
}

std::string human(Duration d) {
  const double s = std::max(0.0, seconds(d));
  if (d > Duration{} && s < 0.001) return "<1ms";
  if (s < 0.0995) return fmt::format("{:.2g}ms", s * 1e3);
  if (s < 9.95) return fmt::format("{:.1f}s", s);
  const auto whole = std::llround(s);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h {}m", whole / 3600, whole % 3600 / 60);
  return fmt::format("{}d {}h", whole / 86400, whole % 86400 / 3600);
}

std::string counted(unsigned long long n, std::string_view singular) {
  return fmt::format("{} {}{}", n, singular, n == 1 ? "" : "s");
}

}  // namespace gentlify
