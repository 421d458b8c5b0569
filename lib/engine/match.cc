#include "lib/engine/match.h"

#include <re2/re2.h>

#include <array>
#include <cstddef>

namespace gentlify {

namespace {

/// Text that is not UTF-8 is no error: it just is not matched by what asks for characters.
re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

}  // namespace

std::string pattern_problem(const std::string& pattern, bool wants_group) {
  if (pattern.empty()) return {};
  const re2::RE2 regex(pattern, options());
  if (!regex.ok()) return "must be a regular expression: " + regex.error();
  if (wants_group && regex.NumberOfCapturingGroups() == 0) {
    return "must have a group, as in 'wait ([0-9]+)': what it matches is the value";
  }
  return {};
}

Pattern::Pattern(const std::string& pattern) {
  if (!pattern.empty()) regex_ = std::make_unique<re2::RE2>("(?m)" + pattern, options());
}

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::found_in(std::string_view text) const {
  return regex_ && re2::RE2::PartialMatch({text.data(), text.size()}, *regex_);
}

std::vector<std::string_view> Pattern::groups_in(std::string_view text) const {
  std::vector<std::string_view> values;
  if (!regex_) return values;
  const re2::StringPiece all(text.data(), text.size());
  std::array<re2::StringPiece, 2> match;
  for (std::size_t at = 0; at <= text.size();) {
    if (!regex_->Match(all, at, text.size(), re2::RE2::UNANCHORED, match.data(), match.size())) {
      break;
    }
    if (match[1].data() != nullptr) values.emplace_back(match[1].data(), match[1].size());
    const auto end = static_cast<std::size_t>(match[0].data() - text.data()) + match[0].size();
    at = end + (match[0].empty() ? 1 : 0);
  }
  return values;
}

}  // namespace gentlify
