// Reads a table of a TOML file key by key: each key that is asked for is checked and written where
// it belongs, and what nobody has asked for is an error in the end. Errors name file, line, column,
// key, value and what is allowed.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cli/toml_text.h"
#include "lib/core/time.h"

namespace gentlify {

class TomlTable {
 public:
  /// `name` is what errors call it: "limit"; empty for the file itself.
  TomlTable(const toml::table& table, std::string name, const std::string& path)
      : table_(table), name_(std::move(name)), path_(path) {}

  // Each leaves its last argument alone where the key is not there.
  void read(std::string_view key, double low, double high, double& into);
  void read(std::string_view key, std::int64_t low, std::int64_t high, std::uint64_t& into);
  void read(std::string_view key, std::int64_t low, std::int64_t high, int& into);
  void read(std::string_view key, Duration low, Duration high, Duration& into);
  void read(std::string_view key, bool& into);

  /// One of `words`, as its index; 0 where the key is not there.
  std::size_t read(std::string_view key, std::initializer_list<std::string_view> words);

  bool has(std::string_view key);
  /// The value, which must be there.
  const toml::node& need(std::string_view key);
  /// Where a table is allowed.
  std::vector<TomlTable> table(std::string_view key);
  /// Where tables are allowed, written [[key]].
  std::vector<TomlTable> tables(std::string_view key);

  /// Refuses a key that nobody has asked for.
  void finish() const;

  [[noreturn]] void refuse_value(std::string_view key, const toml::node& value,
                                 const std::string& problem) const;
  [[noreturn]] void refuse_all(const std::string& problem) const;

 private:
  const toml::node* find(std::string_view key);
  std::string full(std::string_view key) const;

  const toml::table& table_;
  std::string name_;
  const std::string& path_;
  std::vector<std::string> asked_;
};

}  // namespace gentlify
