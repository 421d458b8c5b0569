#include "cli/toml_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"
#include "cli/values.h"

namespace gentlify {

const toml::node* TomlTable::find(std::string_view key) {
  asked_.emplace_back(key);
  return table_.get(key);
}

std::string TomlTable::full(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void TomlTable::refuse_value(std::string_view key, const toml::node& value,
                             const std::string& problem) const {
  const std::string text = text_of(value);
  refuse(place_of(path_, value.source().begin),
         fmt::format("{}{}: {}", full(key), text.empty() ? "" : " = " + shown(text), problem));
}

void TomlTable::refuse_all(const std::string& problem) const {
  const std::string place = place_of(path_, table_.source().begin);
  refuse(place, name_.empty() ? problem : fmt::format("{}: {}", name_, problem));
}

void TomlTable::read(std::string_view key, double low, double high, double& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* whole = node->as_integer();
  const auto value = whole != nullptr ? static_cast<double>(whole->get()) : node->value<double>();
  if (!value || !(*value >= low && *value <= high)) {
    refuse_value(key, *node, fmt::format("must be a number from {} to {}", low, high));
  }
  into = *value;
}

void TomlTable::read(std::string_view key, std::int64_t low, std::int64_t high,
                     std::uint64_t& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* value = node->as_integer();
  if (value == nullptr || value->get() < low || value->get() > high) {
    refuse_value(key, *node, fmt::format("must be an integer from {} to {}", low, high));
  }
  into = static_cast<std::uint64_t>(value->get());
}

void TomlTable::read(std::string_view key, std::int64_t low, std::int64_t high, int& into) {
  auto value = static_cast<std::uint64_t>(into);
  read(key, low, high, value);
  into = static_cast<int>(value);
}

void TomlTable::read(std::string_view key, Duration low, Duration high, Duration& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = parse_duration(text_of(*node));
  if (!value || *value < low || *value > high) {
    refuse_value(key, *node,
                 fmt::format("must be a time from {} to {}", to_text(low), to_text(high)));
  }
  into = *value;
}

void TomlTable::read(std::string_view key, bool& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) refuse_value(key, *node, "must be true or false");
  into = *node->value<bool>();
}

std::size_t TomlTable::read(std::string_view key, std::initializer_list<std::string_view> words) {
  const toml::node* node = find(key);
  if (node == nullptr) return 0;
  const auto* const word = std::find(words.begin(), words.end(), text_of(*node));
  if (!node->is_string() || word == words.end()) {
    refuse_value(key, *node, fmt::format("must be one of {}", fmt::join(words, ", ")));
  }
  return static_cast<std::size_t>(word - words.begin());
}

bool TomlTable::has(std::string_view key) {
  return find(key) != nullptr;
}

const toml::node& TomlTable::need(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) refuse_all(fmt::format("{} is missing", key));
  return *node;
}

std::vector<TomlTable> TomlTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  if (!node->is_table())
    refuse_value(key, *node, fmt::format("must be a table, written [{}]", key));
  return {TomlTable(*node->as_table(), std::string(key), path_)};
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> tables;
  const toml::node* node = find(key);
  if (node == nullptr) return tables;
  const toml::array* array = node->as_array();
  const std::string problem = fmt::format("must be a table, written [[{}]]", key);
  if (array == nullptr) refuse_value(key, *node, problem);
  for (const toml::node& element : *array) {
    if (!element.is_table()) refuse_value(key, element, problem);
    tables.emplace_back(*element.as_table(), std::string(key), path_);
  }
  return tables;
}

void TomlTable::finish() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    refuse(
        place_of(path_, key.source().begin),
        fmt::format("{}: there is no such key{}", shown(full(name)), did_you_mean(name, asked_)));
  }
}

}  // namespace gentlify
