// The command template: a job's item becomes an argv.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/job.h"

namespace gentlify {

/// An argument of `largest_argument` bytes or less can be passed to a program (MAX_ARG_STRLEN less
/// the NUL at its end).
inline constexpr std::size_t largest_argument = 131'071;

class Template {
 public:
  /// `words` is the command; `item_mark` ("{}", -I) stands for the item. With no placeholder in any
  /// word the item is appended.
  static Template command(const std::vector<std::string>& words, const std::string& item_mark);

  /// Each item is a command line for `shell -c`.
  static Template shell(const std::string& shell);

  /// A text in which placeholders are replaced, for `text_of`.
  static Template text(const std::string& text, const std::string& item_mark);
  std::string text_of(const Job& job, int slot) const;

  /// Writes the argv of `job` in slot `slot` into `argv`. Bytes pass as they are; a placeholder is
  /// replaced inside its argument and never split. Returns why it cannot be run, or nothing.
  std::string expand(const Job& job, int slot, std::vector<std::string>& argv) const;

  /// The program's name where it is the same for every job.
  std::optional<std::string> fixed_program() const;

  /// The job as a person would type it into a shell.
  std::string describe(const Job& job) const;

 private:
  struct Part {
    enum class Kind { literal, item, no_extension, base, directory, base_no_extension, seq, slot };
    Kind kind;
    std::string text;  // of a literal
  };
  using Word = std::vector<Part>;

  static Word parse(std::string_view word, const std::string& item_mark);
  static void expand(const Word& word, const Job& job, int slot, std::string& out);

  std::vector<Word> words_;
  bool shell_ = false;
};

}  // namespace gentlify
