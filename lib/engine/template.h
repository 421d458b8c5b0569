// The command template: a job's item becomes an argv.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/job.h"
#include "lib/engine/fields.h"

namespace gentlify {

/// An argument of `largest_argument` bytes or less can be passed to a program (MAX_ARG_STRLEN less
/// the NUL at its end).
inline constexpr std::size_t largest_argument = 131'071;

class Template {
 public:
  /// `words` is the command; `item_mark` ("{}", -I) stands for the item, and `fields` says what
  /// {N} and {name} stand for. With no placeholder in any word the item is appended, unless it goes
  /// to standard input. Throws Error(usage) as Fields does.
  static Template command(const std::vector<std::string>& words, const std::string& item_mark,
                          Fields& fields, bool appends = true);

  /// Each item is a command line for `shell -c`, or says itself what to run.
  static Template shell(const std::string& shell);

  /// A text in which placeholders are replaced, for `text_of`.
  static Template text(const std::string& text, const std::string& item_mark, Fields& fields);
  std::string text_of(const Job& job, int slot) const;

  /// Writes the argv of `job` in slot `slot` into `argv`. Bytes pass as they are; a placeholder is
  /// replaced inside its argument and never split. Returns why it cannot be run, or nothing.
  std::string expand(const Job& job, int slot, std::vector<std::string>& argv) const;

  /// The program's name where it is the same for every job that does not say it itself.
  std::optional<std::string> fixed_program() const;

  /// Whether the whole item is asked for.
  bool asks_for_item() const { return asks_for_item_; }

  /// The job as a person would type it into a shell.
  std::string describe(const Job& job) const;

 private:
  struct Part {
    enum class Kind { literal, item, field, seq, slot };
    /// Of what it stands for.
    enum class Form { whole, no_extension, base, directory, base_no_extension };
    Kind kind = Kind::literal;
    Form form = Form::whole;
    std::size_t field = 0;  // of Job::parts
    std::string text = {};  // of a literal
  };
  using Word = std::vector<Part>;

  Word parse(std::string_view word, const std::string& item_mark, Fields& fields);
  static std::optional<Part> parse_mark(std::string_view mark, Fields& fields);
  static std::string_view form_of(std::string_view text, Part::Form form);
  static std::string missing_field(const Word& word, const Job& job);
  void expand(const Word& word, const Job& job, int slot, std::string& out) const;
  bool is_spread(const Word& word, const Job& job) const;

  std::vector<Word> words_;
  bool shell_ = false;
  bool spread_ = false;
  bool asks_for_item_ = false;
};

}  // namespace gentlify
