#include "cli/names.h"

#include <algorithm>
#include <numeric>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Section and key joined by `mark`, each '_' of them replaced by `dash`.
std::string joined(const Setting& setting, char mark, char dash) {
  std::string name(setting.section);
  if (!name.empty()) name += mark;
  name += setting.key;
  std::replace(name.begin(), name.end(), '_', dash);
  return name;
}

/// How many letters to add, drop or change to make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string toml_name(const Setting& setting) {
  return joined(setting, '.', '_');
}

std::string flag_name(const Setting& setting) {
  return "--" + joined(setting, '-', '-');
}

std::string environment_name(const Setting& setting, std::string_view prefix) {
  std::string name = joined(setting, '_', '_');
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return std::string(prefix) + '_' + name;
}

std::vector<std::string> spellings(const Setting& setting) {
  std::vector<std::string> names;
  for (const std::string_view flag : split(setting.flags, ", ")) names.emplace_back(flag);
  names.push_back(flag_name(setting));
  return names;
}

std::optional<std::size_t> find_setting(std::string_view name) {
  const auto table = settings_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (toml_name(table[i]) == name) return i;
  }
  return {};
}

std::optional<std::size_t> find_flag(std::string_view flag) {
  const auto table = settings_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto names = spellings(table[i]);
    if (std::find(names.begin(), names.end(), flag) != names.end()) return i;
  }
  for (const Alias& alias : alias_table()) {
    if (alias.flag == flag) return find_setting(alias.key);
  }
  return {};
}

bool is_switch(const Setting& setting) {
  return std::holds_alternative<bool Settings::*>(setting.member);
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string> Settings::*>(setting.member);
}

std::vector<std::string_view> choices(const Setting& setting) {
  if (!std::holds_alternative<std::string Settings::*>(setting.member)) return {};
  return split(setting.range, "|");
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  // A third of a short word may be wrong; beyond that a suggestion is a guess.
  std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  std::string_view nearest;
  if (word.size() > 100) return {};
  for (const std::string& candidate : candidates) {
    // Who stopped typing half-way meant what goes on like that.
    if (word.size() > 4 && candidate.starts_with(word)) {
      nearest = candidate;
      break;
    }
    const std::size_t d = distance(word, candidate);
    if (d < best) best = d, nearest = candidate;
  }
  if (nearest.empty()) {
    // Or the word is a part of a longer name.
    const std::string_view part = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    const auto longer = std::find_if(candidates.begin(), candidates.end(), [&](const auto& c) {
      return part.size() > 4 && c.find(part) != std::string::npos;
    });
    if (longer == candidates.end()) return {};
    nearest = *longer;
  }
  return "; did you mean " + std::string(nearest) + "?";
}

std::string shown(std::string_view text) {
  return text.empty() ? "''" : clip(escape(text), 80);
}

}  // namespace gentlify
