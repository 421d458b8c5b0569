// Regular expressions, in RE2's syntax, for what jobs write to stderr. The one place that knows
// RE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace gentlify {

/// Why `pattern` cannot be used, as the end of a sentence; empty where it can. `wants_group`: its
/// first group is the value, so there must be one.
std::string pattern_problem(const std::string& pattern, bool wants_group);

/// `^` and `$` match at the ends of lines, as with grep.
class Pattern {
 public:
  /// `pattern` must have no problem; an empty one matches nothing.
  explicit Pattern(const std::string& pattern);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  bool found_in(std::string_view text) const;

  /// The first group of each match in `text`, from left to right.
  std::vector<std::string_view> groups_in(std::string_view text) const;

 private:
  std::unique_ptr<re2::RE2> regex_;  // none: an empty pattern
};

}  // namespace gentlify
