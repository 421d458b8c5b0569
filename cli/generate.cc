#include "cli/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/config_text.h"
#include "cli/flag_docs.h"
#include "cli/names.h"
#include "cli/version.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// The verbs, and those of them that have flags of their own.
constexpr std::array<std::string_view, 7> verbs = {"run",  "check",  "ctl",     "presets",
                                                   "push", "report", "simulate"};
constexpr std::array<std::string_view, 3> verbs_with_flags = {"push", "report", "simulate"};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// `text` for mdoc: a backslash begins an escape there.
std::string roff(std::string_view text) {
  return replaced(std::string(text), "\\", "\\e");
}

std::string man_flag(const FlagDoc& flag) {
  std::string out = ".It";
  for (const std::string& name : flag.names) {
    if (&name != &flag.names.front()) out += " ,";
    const bool is_long = name.starts_with("--");
    out += is_long ? " Fl Fl " + name.substr(2) : " Fl " + name.substr(1);
    if (!flag.metavar.empty()) out += " Ar " + flag.metavar;
  }
  return out + '\n';
}

/// Where and how else the setting is written.
std::string man_setting(const Setting& setting) {
  std::string out;
  const std::string allowed = allowed_values(setting);
  if (!allowed.empty() && choices(setting).empty()) out += allowed + '\n';
  if (!setting.fallback.empty() && !is_switch(setting)) {
    out += fmt::format("Default:\n.Ql {} .\n", roff(setting.fallback));
  }
  return out + fmt::format(".br\nTOML:\n.Ql {} ;\nvariable:\n.Ev {} .\n", toml_name(setting),
                           environment_name(setting, "GENTLIFY"));
}

std::string man_chapters(const std::vector<Chapter>& chapters) {
  std::string out;
  for (const Chapter& chapter : chapters) {
    out += fmt::format(".Ss {}\n.Bl -tag -width Ds\n", chapter.title);
    for (const FlagDoc& flag : chapter.flags) {
      out += man_flag(flag);
      for (const std::string& line : wrapped(roff(flag.help), 78)) {
        // A dot or a quote at the head of a line would be a request.
        out += (line.starts_with('.') || line.starts_with('\'') ? "\\&" : "") + line + '\n';
      }
      if (flag.setting != nullptr) out += man_setting(*flag.setting);
    }
    out += ".El\n";
  }
  return out;
}

std::vector<FlagDoc> flags_in(const std::vector<Chapter>& chapters) {
  std::vector<FlagDoc> flags;
  for (const Chapter& chapter : chapters) {
    flags.insert(flags.end(), chapter.flags.begin(), chapter.flags.end());
  }
  return flags;
}

/// Every flag, in the order of the table; then those of one verb alone.
std::vector<FlagDoc> all_flags() {
  std::vector<FlagDoc> all = flags_in(flag_docs());
  for (const std::string_view verb : verbs_with_flags) {
    const std::vector<FlagDoc> own = flags_in(flag_docs_of(verb));
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

bool takes_file(const FlagDoc& flag) {
  return flag.metavar == "FILE" || flag.metavar == "PATH";
}

bool takes_directory(const FlagDoc& flag) {
  return flag.metavar == "DIR";
}

bool takes_command(const FlagDoc& flag) {
  return flag.metavar == "CMD";
}

bool takes_preset(const FlagDoc& flag) {
  return flag.setting != nullptr && flag.setting->key == "preset";
}

std::vector<std::string_view> choices_of(const FlagDoc& flag) {
  return flag.setting == nullptr ? std::vector<std::string_view>() : choices(*flag.setting);
}

std::string bash_names(const std::vector<FlagDoc>& flags) {
  std::string out;
  for (const FlagDoc& flag : flags) {
    for (const std::string& name : flag.names) out += (out.empty() ? "" : " ") + name;
  }
  return out;
}

/// The pattern of flags that take the next word.
std::string bash_value_flags() {
  std::string out;
  for (const FlagDoc& flag : all_flags()) {
    if (flag.metavar.empty()) continue;
    for (const std::string& name : flag.names) out += (out.empty() ? "" : "|") + name;
  }
  return out;
}

/// What completes the value; empty where nothing is known of it.
std::string bash_action(const FlagDoc& flag) {
  if (takes_file(flag)) return "_filedir";
  if (takes_directory(flag)) return "_filedir -d";
  if (takes_command(flag)) return "COMPREPLY=($(compgen -c -- \"$cur\"))";
  if (takes_preset(flag)) return "__gentlify_complete_preset";
  const auto words = choices_of(flag);
  if (words.empty()) return {};
  return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", fmt::join(words, " "));
}

/// A case for each kind of value: those in the next word, or those that stand behind a = only.
std::string bash_cases(bool joint) {
  std::string out;
  for (const FlagDoc& flag : all_flags()) {
    const std::string action = bash_action(flag);
    if (action.empty() || flag.metavar.empty() != joint) continue;
    out += fmt::format("    {}) {}; return ;;\n", fmt::join(flag.names, "|"), action);
  }
  return out;
}

std::string single_quoted(std::string_view text) {
  return fmt::format("'{}'", replaced(std::string(text), "'", "'\\''"));
}

/// What completes the value, as _arguments has it behind the help; empty for a switch.
std::string zsh_value(const FlagDoc& flag) {
  if (takes_file(flag)) return ":file:_files";
  if (takes_directory(flag)) return ":directory:_directories";
  if (takes_command(flag)) return ":command: _command_names -e";
  if (takes_preset(flag)) return ":preset:__gentlify_presets";
  if (const auto words = choices_of(flag); !words.empty()) {
    const std::string_view optional = flag.metavar.empty() ? ":" : "";
    return fmt::format("{}:value:({})", optional, fmt::join(words, " "));
  }
  return flag.metavar.empty() ? std::string() : fmt::format(":{}:", flag.metavar);
}

/// `+` and `=`: the value may stand in the same word; `=-`: it can stand there only.
std::string_view zsh_joint(const FlagDoc& flag, const std::string& name) {
  if (flag.metavar.empty()) return choices_of(flag).empty() ? "" : "=-";
  return name.size() == 2 ? "+" : "=";
}

/// One spec of _arguments for each spelling.
std::string zsh_specs(const std::vector<FlagDoc>& flags) {
  std::string out;
  for (const FlagDoc& flag : flags) {
    std::string help(flag.help);
    for (const std::string_view special : {"\\", "[", "]", ":"}) {
      help = replaced(help, special, fmt::format("\\{}", special));
    }
    const std::string value = zsh_value(flag);
    for (const std::string& name : flag.names) {
      out += fmt::format("    {}\n", single_quoted(fmt::format(
                                         "*{}{}[{}]{}", name, zsh_joint(flag, name), help, value)));
    }
  }
  return out;
}

std::string fish_lines(const std::vector<FlagDoc>& flags, std::string_view condition) {
  std::string out;
  for (const FlagDoc& flag : flags) {
    out += fmt::format("complete -c gentlify -n {}", condition);
    for (const std::string& name : flag.names) {
      out += name.size() == 2 ? " -s " + name.substr(1) : " -l " + name.substr(2);
    }
    if (takes_file(flag)) {
      out += " -r -F";
    } else if (takes_directory(flag)) {
      out += " -x -a '(__fish_complete_directories)'";
    } else if (takes_command(flag)) {
      out += " -x -a '(complete -C (commandline -ct))'";
    } else if (takes_preset(flag)) {
      out += " -x -a '(__gentlify_presets)'";
    } else if (const auto words = choices_of(flag); !words.empty()) {
      out += fmt::format("{} -a '{}'", flag.metavar.empty() ? "" : " -x", fmt::join(words, " "));
    } else if (!flag.metavar.empty()) {
      out += " -x";
    }
    std::string help = replaced(std::string(flag.help), "\\", "\\\\");
    out += fmt::format(" -d '{}'\n", replaced(help, "'", "\\'"));
  }
  return out;
}

std::string fish_flags() {
  std::string out = fish_lines(flags_in(flag_docs()), "__gentlify_in_flags");
  for (const std::string_view verb : verbs_with_flags) {
    out += fish_lines(flags_in(flag_docs_of(verb)), fmt::format("__gentlify_in_{}", verb));
  }
  return out;
}

/// What stands in skeletons, and what takes its place.
std::vector<std::pair<std::string, std::string>> marks() {
  const std::string values = bash_value_flags();
  std::vector<std::pair<std::string, std::string>> marks = {
      {"@VERSION@", std::string(version_text)},
      {"@VERBS@", fmt::format("{}", fmt::join(verbs, " "))},
      {"@OPTIONS@", man_chapters(flag_docs())},
      {"@BASH_FLAGS@", bash_names(flags_in(flag_docs()))},
      {"@BASH_VALUE_FLAGS@", values},
      {"@BASH_VALUES@", bash_cases(false)},
      {"@BASH_JOINT_VALUES@", bash_cases(true)},
      {"@ZSH_ARGUMENTS@", zsh_specs(flags_in(flag_docs()))},
      {"@FISH_FLAGS@", fish_flags()},
      {"@FISH_VALUE_FLAGS@", replaced(values, "|", " ")},
  };
  for (const std::string_view verb : verbs_with_flags) {
    const std::vector<Chapter> chapters = flag_docs_of(verb);
    std::string name(verb);
    for (char& c : name) c = static_cast<char>(std::toupper(c));
    marks.emplace_back(fmt::format("@{}_OPTIONS@", name), man_chapters(chapters));
    marks.emplace_back(fmt::format("@BASH_{}_FLAGS@", name), bash_names(flags_in(chapters)));
    marks.emplace_back(fmt::format("@ZSH_{}_ARGUMENTS@", name), zsh_specs(flags_in(chapters)));
  }
  return marks;
}

std::string read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (file == nullptr) {
    throw Error(ExitCode::no_input, fmt::format("cannot read {}", escape(path)));
  }
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), n);
  }
  return text;
}

/// The file that stands beside the skeleton, as lines of mdoc to be shown as they are.
std::string man_file(const std::string& skeleton, std::string_view name) {
  std::string text =
      roff(read_text(skeleton.substr(0, skeleton.rfind('/') + 1) + std::string(name)));
  return replaced(replaced(text, "\n.", "\n\\&."), "\n'", "\n\\&'");
}

}  // namespace

std::string generate(const std::vector<std::string>& words) {
  if (words.size() != 1) {
    throw Error(ExitCode::usage, "__generate takes the path of one skeleton, or --example");
  }
  if (words.front() == "--example") return example_config();
  std::string text = read_text(words.front());
  constexpr std::string_view model = "@MODEL@\n";
  if (text.find(model) != std::string::npos) {
    text = replaced(text, model, man_file(words.front(), "model.toml"));
  }
  for (const auto& [mark, with] : marks()) {
    // A mark that fills lines takes its own newline with it.
    if (with.ends_with('\n')) text = replaced(text, fmt::format("{}\n", mark), with);
    text = replaced(text, mark, with);
  }
  return text;
}

}  // namespace gentlify
