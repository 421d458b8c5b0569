#include "cli/flag_docs.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"
#include "cli/options.h"

namespace gentlify {

namespace {

std::vector<FlagDoc>& flags_of(std::vector<Chapter>& chapters, std::string_view title) {
  const auto chapter = std::find_if(chapters.begin(), chapters.end(),
                                    [&](const Chapter& c) { return c.title == title; });
  if (chapter != chapters.end()) return chapter->flags;
  chapters.push_back({title, {}});
  return chapters.back().flags;
}

void add_plain(std::vector<Chapter>& chapters, std::string_view verb) {
  for (const PlainFlag& flag : plain_flags()) {
    if (flag.verb != verb) continue;
    FlagDoc doc{{}, std::string(flag.metavar), flag.help};
    for (const std::string_view name : split(flag.flags, ", ")) doc.names.emplace_back(name);
    flags_of(chapters, flag.chapter).push_back(std::move(doc));
  }
}

}  // namespace

std::vector<Chapter> flag_docs() {
  std::vector<Chapter> chapters;
  for (const Setting& setting : settings_table()) {
    const bool chosen = !choices(setting).empty() && !setting.metavar.empty();
    flags_of(chapters, setting.chapter)
        .push_back({spellings(setting), std::string(chosen ? setting.range : setting.metavar),
                    setting.help, &setting});
  }
  for (const Alias& alias : alias_table()) {
    flags_of(chapters, alias.chapter)
        .push_back({{std::string(alias.flag)}, std::string(alias.metavar), alias.help});
  }
  add_plain(chapters, {});
  return chapters;
}

std::vector<Chapter> flag_docs_of(std::string_view verb) {
  std::vector<Chapter> chapters;
  add_plain(chapters, verb);
  return chapters;
}

std::string headline(const FlagDoc& flag) {
  std::string out;
  for (const std::string& name : flag.names) out += (out.empty() ? "" : ", ") + name;
  if (!flag.metavar.empty()) out += ' ' + flag.metavar;
  return out;
}

std::string allowed_values(const Setting& setting) {
  if (const auto words = choices(setting); !words.empty()) {
    return fmt::format("One of {}.", fmt::join(words, ", "));
  }
  const std::size_t dots = setting.range.find("..");
  if (dots == std::string_view::npos) return {};
  const std::size_t bar = setting.range.find('|');
  const std::size_t least = bar == std::string_view::npos ? 0 : bar + 1;
  const std::string word = least == 0 ? "" : fmt::format(", or {}", setting.range.substr(0, bar));
  return fmt::format("From {} to {}{}.", setting.range.substr(least, dots - least),
                     setting.range.substr(dots + 2), word);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string_view word : split(text, " ")) {
    if (lines.empty() || lines.back().size() + 1 + word.size() > width) {
      lines.emplace_back(word);
    } else {
      lines.back() += ' ';
      lines.back() += word;
    }
  }
  return lines;
}

}  // namespace gentlify
