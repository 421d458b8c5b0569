#include "cli/config_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include "cli/names.h"
#include "lib/core/error.h"
#include "lib/core/overloaded.h"
#include "lib/core/text.h"
#include "lib/engine/fd.h"

namespace gentlify {

namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& problem) {
  throw Error(ExitCode::bad_config, fmt::format("{}: {}", place, problem));
}

std::string place_of(const std::string& path, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", escape(path), at.line, at.column);
}

/// toml++ goes down one call for each part of a dotted key and each bracket, and a key of 30,000
/// parts takes more stack than there is. This reads strings and comments as toml++ does and refuses
/// a line with more dots, or a value with more brackets, than any list of settings has.
class DepthCheck {
 public:
  DepthCheck(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  void run() {
    while (!text_.empty()) {
      const char c = text_.front();
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        take(std::min(text_.find('\n'), text_.size()));
        continue;
      }
      if (c == '.' && ++dots_ > most_dots) {
        refuse(fmt::format("{}:{}", escape(path_), line_), "a key has too many parts");
      }
      if (c == '[' || c == '{') {
        if (++depth_ > most_depth) {
          refuse(fmt::format("{}:{}", escape(path_), line_), "brackets are nested too deeply");
        }
      }
      if ((c == ']' || c == '}') && depth_ > 0) --depth_;
      take(1);
    }
  }

 private:
  static constexpr int most_dots = 32;
  static constexpr int most_depth = 8;

  void take(std::size_t n) {
    const auto lines =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(n), '\n');
    if (lines != 0) dots_ = 0;
    line_ += lines;
    text_.remove_prefix(n);
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.starts_with(three);
    take(many_lines ? 3 : 1);
    while (!text_.empty()) {
      if (text_.front() == '\\' && quote == '"') {
        take(std::min<std::size_t>(2, text_.size()));
      } else if (many_lines && text_.starts_with(three)) {
        take(3);
        // Two more quotes still belong to the string.
        for (int i = 0; i < 2 && text_.starts_with(quote); ++i) take(1);
        return;
      } else if (!many_lines && (text_.front() == quote || text_.front() == '\n')) {
        take(1);
        return;
      } else {
        take(1);
      }
    }
  }

  std::string_view text_;
  const std::string& path_;
  std::ptrdiff_t line_ = 1;
  int dots_ = 0;  // on this line
  int depth_ = 0;
};

std::string_view type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::none: return "nothing";
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a float";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time";
    case toml::node_type::date_time: return "a date and time";
  }
  return "something else";
}

/// The TOML types that a setting can be written in.
struct Types {
  bool string = false, integer = false, floating = false, boolean = false, array = false;

  explicit Types(const Setting& setting) {
    const bool has_word = setting.range.find('|') != std::string_view::npos;  // as "auto"
    std::visit(Overloaded{
                   [&](bool Settings::*) { boolean = true; },
                   [&](int Settings::*) { integer = true, string = has_word; },
                   [&](std::uint64_t Settings::*) {
                     integer = true, string = has_word || setting.form == Setting::Form::size;
                   },
                   [&](double Settings::*) { integer = floating = true; },
                   [&](Duration Settings::*) { integer = floating = string = true; },
                   [&](std::string Settings::*) { string = true; },
                   [&](std::vector<std::string> Settings::*) { array = string = true; },
                   [&](Concurrency Settings::*) { integer = string = true; },
                   [&](Milestones Settings::*) { integer = string = true; },
                   [&](ExitSet Settings::*) { integer = string = true; },
               },
               setting.member);
  }

  bool allow(toml::node_type type) const {
    return (type == toml::node_type::string && string) ||
           (type == toml::node_type::integer && integer) ||
           (type == toml::node_type::floating_point && floating) ||
           (type == toml::node_type::boolean && boolean) ||
           (type == toml::node_type::array && array);
  }

  std::string sentence() const {
    std::string out;
    const auto add = [&](bool allowed, std::string_view name) {
      if (allowed) out += (out.empty() ? "must be " : " or ") + std::string(name);
    };
    add(boolean, "true or false");
    add(integer, "an integer");
    add(floating, "a float");
    add(string, "a string");
    add(array, "an array of strings");
    return out;
  }
};

/// A scalar as it would be typed elsewhere.
std::string text_of(const toml::node& node) {
  if (const auto* string = node.as_string()) return string->get();
  if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  if (const auto* floating = node.as_floating_point()) {
    return fmt::format("{}", floating->get());
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  std::vector<FileEntry> read(const toml::table& file) {
    for (const auto& [key, node] : file) {
      if (!is_section(key.str())) {
        read_entry(std::string(key.str()), key, node);
        continue;
      }
      const toml::table* section = node.as_table();
      if (section == nullptr) {
        refuse(place_of(path_, key.source().begin),
               fmt::format("{0}: must be a table, written [{0}]", key.str()));
      }
      for (const auto& [inner, value] : *section) {
        read_entry(fmt::format("{}.{}", key.str(), inner.str()), inner, value);
      }
    }
    return std::move(entries_);
  }

 private:
  static bool is_section(std::string_view name) {
    const auto table = settings_table();
    return std::any_of(table.begin(), table.end(),
                       [&](const Setting& s) { return !s.section.empty() && s.section == name; });
  }

  /// The key that was probably meant. `jobs` is written by those who know --jobs.
  static std::string hint_for(const std::string& name) {
    std::string flag = "--" + name;
    for (char& c : flag) c = c == '_' || c == '.' ? '-' : c;
    std::vector<std::string> names;
    if (const auto row = find_flag(flag)) {
      names.push_back(toml_name(settings_table()[*row]));
      return did_you_mean(names.front(), names);
    }
    for (const Setting& setting : settings_table()) {
      names.push_back(toml_name(setting));
      if (!setting.section.empty()) names.emplace_back(setting.section);
    }
    return did_you_mean(name, names);
  }

  void read_entry(const std::string& name, const toml::key& key, const toml::node& node) {
    const auto row = find_setting(name);
    if (!row) {
      refuse(place_of(path_, key.source().begin),
             fmt::format("{}: there is no such setting{}", shown(name), hint_for(name)));
    }
    const Types types(settings_table()[*row]);
    if (!types.allow(node.type())) refuse_type(name, node, types, node);
    FileEntry entry{*row, {}, place_of(path_, node.source().begin)};
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& element : *array) {
        if (!element.is_string()) refuse_type(name, node, types, element);
        entry.texts.push_back(text_of(element));
      }
    } else {
      entry.texts.push_back(text_of(node));
    }
    entries_.push_back(std::move(entry));
  }

  [[noreturn]] void refuse_type(const std::string& name, const toml::node& value,
                                const Types& types, const toml::node& wrong) {
    const bool scalar = &value == &wrong && !wrong.is_table() && !wrong.is_array();
    const std::string text = shown(text_of(wrong));
    refuse(place_of(path_, wrong.source().begin),
           fmt::format("{}{}: {}, not {}", name, scalar ? " = " + text : "", types.sentence(),
                       type_name(wrong.type())));
  }

  const std::string& path_;
  std::vector<FileEntry> entries_;
};

}  // namespace

std::vector<FileEntry> parse_config(const std::string& text, const std::string& path) {
  if (text.size() > largest_config) {
    refuse(escape(path), fmt::format("the file is over {} KiB, which no list of settings is",
                                     largest_config / 1024));
  }
  DepthCheck(text, path).run();
  try {
    return Reader(path).read(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    refuse(place_of(path, error.source().begin), escape(error.description()));
  }
}

std::vector<FileEntry> read_config_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(largest_config + 1, '\0');
  std::size_t size = 0;
  ssize_t n = file.get() < 0 ? -1 : 1;
  while (n > 0 && size < text.size()) {
    n = ::read(file.get(), text.data() + size, text.size() - size);
    size += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
  if (n < 0) {
    throw Error(ExitCode::bad_config, fmt::format("cannot read the configuration {}: {}",
                                                  escape(path), std::strerror(errno)));
  }
  text.resize(size);
  return parse_config(text, path);
}

}  // namespace gentlify
