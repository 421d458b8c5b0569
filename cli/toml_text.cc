#include "cli/toml_text.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/config_file.h"
#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/fd.h"

namespace gentlify {

namespace {

/// toml++ goes down one call for each part of a dotted key and each bracket, and a key of 30,000
/// parts takes more stack than there is. This reads strings and comments as toml++ does and refuses
/// a line with more dots, or a value with more brackets, than people write by hand.
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

}  // namespace

void refuse(const std::string& place, const std::string& problem) {
  throw Error(ExitCode::bad_config, fmt::format("{}: {}", place, problem));
}

std::string place_of(const std::string& path, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", escape(path), at.line, at.column);
}

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

std::string text_of(const toml::node& node) {
  if (const auto* string = node.as_string()) return string->get();
  if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  if (const auto* floating = node.as_floating_point()) {
    return fmt::format("{}", floating->get());
  }
  return {};
}

std::string read_toml(const std::string& path, std::string_view noun) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(largest_config + 1, '\0');
  std::size_t size = 0;
  ssize_t n = file.get() < 0 ? -1 : 1;
  while (n > 0 && size < text.size()) {
    n = ::read(file.get(), text.data() + size, text.size() - size);
    size += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
  if (n < 0) {
    throw Error(ExitCode::bad_config,
                fmt::format("cannot read the {} {}: {}", noun, escape(path), std::strerror(errno)));
  }
  text.resize(size);
  return text;
}

toml::table parse_toml(const std::string& text, const std::string& path) {
  if (text.size() > largest_config) {
    refuse(escape(path), fmt::format("the file is over {} KiB, which no list of settings is",
                                     largest_config / 1024));
  }
  DepthCheck(text, path).run();
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    refuse(place_of(path, error.source().begin), escape(error.description()));
  }
}

}  // namespace gentlify
