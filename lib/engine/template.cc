#include "lib/engine/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

std::string_view base_name(std::string_view path) {
  path = without_trailing_slashes(path);
  if (path == "/") return path;
  return path.substr(path.rfind('/') + 1);
}

std::string_view directory(std::string_view path) {
  path = without_trailing_slashes(path);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return without_trailing_slashes(path.substr(0, std::max<std::size_t>(slash, 1)));
}

/// Without the last ".ext" of the base name; a name that only begins with a dot has none.
std::string_view without_extension(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot <= start) return path;
  return path.substr(0, dot);
}

}  // namespace

Template Template::command(const std::vector<std::string>& words, const std::string& item_mark) {
  Template result;
  bool has_placeholder = false;
  for (const std::string& word : words) {
    result.words_.push_back(parse(word, item_mark));
    for (const Part& part : result.words_.back()) {
      has_placeholder = has_placeholder || part.kind != Part::Kind::literal;
    }
  }
  if (!has_placeholder) result.words_.push_back({{Part::Kind::item, {}}});
  return result;
}

Template Template::shell(const std::string& shell) {
  Template result;
  for (const std::string& word : {shell, std::string("-c"), std::string("--")}) {
    result.words_.push_back({{Part::Kind::literal, word}});
  }
  result.words_.push_back({{Part::Kind::item, {}}});
  result.shell_ = true;
  return result;
}

Template::Word Template::parse(std::string_view word, const std::string& item_mark) {
  using Kind = Part::Kind;
  const std::array<std::pair<std::string_view, Kind>, 7> marks = {{
      {item_mark, Kind::item},
      {"{.}", Kind::no_extension},
      {"{/}", Kind::base},
      {"{//}", Kind::directory},
      {"{/.}", Kind::base_no_extension},
      {"{#}", Kind::seq},
      {"{%}", Kind::slot},
  }};
  Word parts;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) parts.push_back({Kind::literal, std::exchange(literal, {})});
  };
  while (!word.empty()) {
    const auto* mark = std::find_if(marks.begin(), marks.end(),
                                    [&](const auto& m) { return word.starts_with(m.first); });
    if (mark == marks.end()) {
      literal += word.front();
      word.remove_prefix(1);
      continue;
    }
    flush();
    parts.push_back({mark->second, {}});
    word.remove_prefix(mark->first.size());
  }
  flush();
  return parts;
}

Template Template::text(const std::string& text, const std::string& item_mark) {
  Template result;
  result.words_.push_back(parse(text, item_mark));
  return result;
}

std::string Template::text_of(const Job& job, int slot) const {
  std::string out;
  expand(words_.front(), job, slot, out);
  return out;
}

void Template::expand(const Word& word, const Job& job, int slot, std::string& out) {
  out.clear();
  for (const Part& part : word) {
    switch (part.kind) {
      case Part::Kind::literal: out += part.text; break;
      case Part::Kind::item: out += job.item; break;
      case Part::Kind::no_extension: out += without_extension(job.item); break;
      case Part::Kind::base: out += base_name(job.item); break;
      case Part::Kind::directory: out += directory(job.item); break;
      case Part::Kind::base_no_extension: out += without_extension(base_name(job.item)); break;
      case Part::Kind::seq: out += std::to_string(number(job.id)); break;
      case Part::Kind::slot: out += std::to_string(slot); break;
    }
  }
}

std::string Template::expand(const Job& job, int slot, std::vector<std::string>& argv) const {
  argv.resize(words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) {
    std::string& out = argv[i];
    expand(words_[i], job, slot, out);
    if (out.size() > largest_argument) {
      return fmt::format("an argument of {} bytes is over the system's limit of {}", out.size(),
                         largest_argument);
    }
  }
  return {};
}

std::optional<std::string> Template::fixed_program() const {
  const Word& first = words_.front();
  if (first.empty()) return "";
  for (const Part& part : first) {
    if (part.kind != Part::Kind::literal) return {};
  }
  return first.front().text;
}

std::string Template::describe(const Job& job) const {
  if (shell_) return job.item;
  std::vector<std::string> argv;
  const std::string problem = expand(job, 1, argv);
  if (!problem.empty()) return shell_quote(job.item);
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    line += shell_quote(word);
  }
  return line;
}

}  // namespace gentlify
