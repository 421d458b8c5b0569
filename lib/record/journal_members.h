// Members of a record's JSON object.
#pragma once

#include <simdjson.h>

#include <array>

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "lib/core/digest.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"
#include "lib/record/journal_record.h"

namespace gentlify {

// What is written by name.
inline constexpr std::array verdicts = {Verdict::success, Verdict::failure, Verdict::overload,
                                        Verdict::permanent, Verdict::stopped};
inline constexpr std::array fates = {Fate::done, Fate::failed, Fate::retry, Fate::fallback,
                                     Fate::not_done};
inline constexpr std::array ways_to_know = {Known::by_number, Known::by_content};

/// The members of an object; the first that is not there, or not what it should be, spoils all.
/// Then the object is let alone: after an error in what it is written in, it must not be asked any
/// more.
class Members {
 public:
  explicit Members(simdjson::ondemand::object object) : object_(object) {}

  bool good() const { return good_; }

  template <typename T>
  T number(std::string_view name) {
    std::uint64_t value = 0;
    if (!good_ || object_[name].get_uint64().get(value) != simdjson::SUCCESS ||
        value > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      good_ = false;
      return T{};
    }
    return static_cast<T>(value);
  }

  /// Nothing where it is not there.
  std::optional<int> number_if_any(std::string_view name) {
    std::int64_t value = 0;
    if (!good_) return {};
    const auto error = object_[name].get_int64().get(value);
    if (error == simdjson::NO_SUCH_FIELD) return {};
    if (error != simdjson::SUCCESS || value < std::numeric_limits<int>::min() ||
        value > std::numeric_limits<int>::max()) {
      good_ = false;
      return {};
    }
    return static_cast<int>(value);
  }

  bool flag(std::string_view name) {
    bool value = false;
    if (!good_) return value;
    const auto error = object_[name].get_bool().get(value);
    if (error != simdjson::SUCCESS && error != simdjson::NO_SUCH_FIELD) good_ = false;
    return value;
  }

  /// Nothing where it is not there.
  std::optional<std::string_view> text(std::string_view name) {
    std::string_view value;
    if (!good_) return {};
    const auto error = object_[name].get_string().get(value);
    if (error == simdjson::SUCCESS) return value;
    if (error != simdjson::NO_SUCH_FIELD) good_ = false;
    return {};
  }

  std::string_view needed(std::string_view name) {
    const auto value = text(name);
    if (!value) good_ = false;
    return value.value_or("");
  }

  /// Seconds, as a record has them.
  Duration time(std::string_view name) {
    constexpr double most = 9e9;
    double value = 0;
    if (!good_ || object_[name].get_double().get(value) != simdjson::SUCCESS || value < 0 ||
        value > most) {
      good_ = false;
      return {};
    }
    return from_seconds(value);
  }

  /// `found` is given each name and value of an object of texts.
  template <typename Found>
  void each(std::string_view name, Found found) {
    simdjson::ondemand::object object;
    if (!good_ || object_[name].get_object().get(object) != simdjson::SUCCESS) {
      good_ = false;
      return;
    }
    for (auto field : object) {
      std::string_view key;
      std::string_view value;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
          field.value().get_string().get(value) != simdjson::SUCCESS) {
        good_ = false;
        return;
      }
      found(key, value);
    }
  }

  std::uint64_t digest(std::string_view name) { return unwrap(parse_hex(needed(name))); }

  template <typename T>
  T unwrap(const std::optional<T>& value) {
    if (!value) good_ = false;
    return value.value_or(T{});
  }

  /// One of `all` by its name.
  template <typename Enum, typename All>
  Enum one_of(std::string_view member, const All& all) {
    const std::string_view text = needed(member);
    for (const Enum value : all) {
      if (name(value) == text) return value;
    }
    good_ = false;
    return Enum{};
  }

 private:
  simdjson::ondemand::object object_;
  bool good_ = true;
};

}  // namespace gentlify
