// Writes JSON. What is not UTF-8 becomes U+FFFD, byte by byte: a record must be readable
// everywhere.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace gentlify {

/// `text` as a JSON string, with its quotes.
std::string json_string(std::string_view text);

/// An object, member by member, on one line. Names are plain ASCII, in the order of the calls.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view value) {
    return add_raw(name, json_string(value));
  }
  JsonObject& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }
  JsonObject& add(std::string_view name, bool value) {
    return add_raw(name, value ? "true" : "false");
  }
  template <std::integral Number>
  JsonObject& add(std::string_view name, Number value) {
    return add_raw(name, std::to_string(value));
  }
  /// With three decimals, as seconds are; null where it is not finite.
  JsonObject& add(std::string_view name, double value);
  /// `json` is a value already.
  JsonObject& add_raw(std::string_view name, std::string_view json);

  /// "{...}", without a newline.
  std::string text() const { return '{' + members_ + '}'; }

 private:
  std::string members_;
};

}  // namespace gentlify
