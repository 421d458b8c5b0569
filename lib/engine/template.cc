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

Template Template::command(const std::vector<std::string>& words, const std::string& item_mark,
                           Fields& fields, bool appends) {
  Template result;
  bool has_placeholder = false;
  for (const std::string& word : words) {
    result.words_.push_back(result.parse(word, item_mark, fields));
    for (const Part& part : result.words_.back()) {
      has_placeholder = has_placeholder || part.kind != Part::Kind::literal;
    }
  }
  if (!has_placeholder && appends) {
    result.words_.push_back({Part{Part::Kind::item}});
    result.asks_for_item_ = true;
  }
  return result;
}

Template Template::shell(const std::string& shell) {
  Template result;
  for (const std::string& word : {shell, std::string("-c"), std::string("--")}) {
    result.words_.push_back({Part{Part::Kind::literal, {}, 0, word}});
  }
  result.words_.push_back({Part{Part::Kind::item}});
  result.shell_ = true;
  result.asks_for_item_ = true;
  return result;
}

/// What stands in braces, but for {} itself; nothing where that is plain text.
std::optional<Template::Part> Template::parse_mark(std::string_view mark, Fields& fields) {
  using Kind = Part::Kind;
  using Form = Part::Form;
  if (mark == "#") return Part{Kind::seq};
  if (mark == "%") return Part{Kind::slot};
  if (const auto field = fields.find(mark)) return Part{Kind::field, Form::whole, *field};
  constexpr std::array<std::pair<std::string_view, Form>, 4> forms = {{
      {"//", Form::directory},
      {"/.", Form::base_no_extension},
      {"/", Form::base},
      {".", Form::no_extension},
  }};
  for (const auto& [suffix, form] : forms) {
    if (!mark.ends_with(suffix)) continue;
    mark.remove_suffix(suffix.size());
    if (mark.empty()) return Part{Kind::item, form};
    const auto field = fields.find(mark);
    return field ? std::optional(Part{Kind::field, form, *field}) : std::nullopt;
  }
  return {};
}

Template::Word Template::parse(std::string_view word, const std::string& item_mark,
                               Fields& fields) {
  spread_ = fields.spread();
  Word parts;
  std::string literal;
  const auto add = [&](Part part) {
    if (!literal.empty()) {
      parts.push_back({Part::Kind::literal, {}, 0, std::exchange(literal, {})});
    }
    asks_for_item_ = asks_for_item_ || part.kind == Part::Kind::item;
    parts.push_back(std::move(part));
  };
  while (!word.empty()) {
    if (word.starts_with(item_mark)) {
      add(Part{Part::Kind::item});
      word.remove_prefix(item_mark.size());
      continue;
    }
    const std::size_t end = word.front() == '{' ? word.find_first_of("{}", 1) : std::string::npos;
    if (end != std::string::npos && end > 1 && word[end] == '}') {
      if (auto part = parse_mark(word.substr(1, end - 1), fields)) {
        add(std::move(*part));
        word.remove_prefix(end + 1);
        continue;
      }
    }
    literal += word.front();
    word.remove_prefix(1);
  }
  if (!literal.empty()) parts.push_back({Part::Kind::literal, {}, 0, std::move(literal)});
  return parts;
}

Template Template::text(const std::string& text, const std::string& item_mark, Fields& fields) {
  Template result;
  result.words_.push_back(result.parse(text, item_mark, fields));
  return result;
}

std::string Template::text_of(const Job& job, int slot) const {
  std::string out;
  expand(words_.front(), job, slot, out);
  return out;
}

std::string_view Template::form_of(std::string_view text, Part::Form form) {
  switch (form) {
    case Part::Form::whole: return text;
    case Part::Form::no_extension: return without_extension(text);
    case Part::Form::base: return base_name(text);
    case Part::Form::directory: return directory(text);
    case Part::Form::base_no_extension: return without_extension(base_name(text));
  }
  return text;
}

void Template::expand(const Word& word, const Job& job, int slot, std::string& out) const {
  out.clear();
  for (const Part& part : word) {
    switch (part.kind) {
      case Part::Kind::literal: out += part.text; break;
      case Part::Kind::seq: out += std::to_string(number(job.id)); break;
      case Part::Kind::slot: out += std::to_string(slot); break;
      case Part::Kind::field:
        if (part.field < job.parts.size()) out += form_of(job.parts[part.field], part.form);
        break;
      case Part::Kind::item:
        if (shell_ && job.own && job.own->shell) {
          out += *job.own->shell;
        } else if (!spread_) {
          out += form_of(job.item, part.form);
        } else {
          for (std::size_t i = 0; i < job.parts.size(); ++i) {
            if (i > 0) out += ' ';
            out += form_of(job.parts[i], part.form);
          }
        }
        break;
    }
  }
}

/// The word stands for the item alone, and the item is many: each becomes a word.
bool Template::is_spread(const Word& word, const Job& job) const {
  return spread_ && !shell_ && word.size() == 1 && word.front().kind == Part::Kind::item &&
         !job.parts.empty();
}

/// Says which column a row lacks that the word asks for.
std::string Template::missing_field(const Word& word, const Job& job) {
  for (const Part& part : word) {
    if (part.kind != Part::Kind::field || part.field < job.parts.size()) continue;
    return fmt::format("there is no column {} in it, only {}", part.field + 1, job.parts.size());
  }
  return {};
}

std::string Template::expand(const Job& job, int slot, std::vector<std::string>& argv) const {
  if (job.own && !job.own->argv.empty()) {
    argv = job.own->argv;
  } else {
    std::size_t count = 0;
    const auto next = [&]() -> std::string& {
      if (count == argv.size()) argv.emplace_back();
      return argv[count++];
    };
    for (const Word& word : words_) {
      if (is_spread(word, job)) {
        for (std::size_t i = 0; i < job.parts.size(); ++i) {
          next() = form_of(job.parts[i], word.front().form);
        }
        continue;
      }
      std::string problem = missing_field(word, job);
      if (!problem.empty()) return problem;
      expand(word, job, slot, next());
    }
    argv.resize(count);
  }
  for (const std::string& word : argv) {
    if (word.find('\0') != std::string::npos) return "an argument would hold a NUL byte";
    if (word.size() > largest_argument) {
      return fmt::format("an argument of {} bytes is over the system's limit of {}", word.size(),
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
  if (shell_ && job.own && job.own->shell) return *job.own->shell;
  if (shell_ && (!job.own || job.own->argv.empty())) return job.item;
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
