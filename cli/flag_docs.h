// Every flag as --help, the manual and the completions show it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"

namespace gentlify {

struct FlagDoc {
  std::vector<std::string> names;  ///< "-j", "--jobs"
  std::string metavar;             ///< "N", "group|inherit"; empty for a switch
  std::string_view help;
  const Setting* setting = nullptr;  ///< null for a flag that has no row of its own
};

struct Chapter {
  std::string_view title;
  std::vector<FlagDoc> flags;
};

/// In the order of the table: those of every verb, or those that only `verb` takes.
std::vector<Chapter> flag_docs();
std::vector<Chapter> flag_docs_of(std::string_view verb);

/// "-j, --jobs N"
std::string headline(const FlagDoc& flag);

/// "One of group, inherit.", "From 1 to 100, or auto.", or nothing where the type says all.
std::string allowed_values(const Setting& setting);

/// `text` in lines of at most `width` columns.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace gentlify
