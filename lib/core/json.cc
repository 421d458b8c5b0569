#include "lib/core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lib/core/text.h"

namespace gentlify {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(c.length, 1));
    if (c.length == 0) {
      out += "\uFFFD";
    } else if (c.code == '"' || c.code == '\\') {
      out += '\\';
      out += bytes;
    } else if (c.code == '\n') {
      out += "\\n";
    } else if (c.code == '\t') {
      out += "\\t";
    } else if (c.code < 0x20 || c.code == 0x7F) {
      out += fmt::format("\\u{:04x}", c.code);
    } else {
      out += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return out += '"';
}

JsonObject& JsonObject::add(std::string_view name, double value) {
  return add_raw(name, std::isfinite(value) ? fmt::format("{:.3f}", value) : "null");
}

JsonObject& JsonObject::add_raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  members_.append("\"").append(name).append("\":").append(json);
  return *this;
}

}  // namespace gentlify
