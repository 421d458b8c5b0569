#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"

namespace gentlify {

namespace {

enum Plain : std::size_t {
  config,
  env_prefix,
  print_config,
  help,
  version,
  model,
  seed,
  runs,
  json,
  trace,
  text,
  page,
  end_list
};

constexpr std::string_view configuration = "Configuration";
constexpr std::string_view simulation = "Only for gentlify simulate";
constexpr std::string_view simulate_verb = "simulate";
constexpr std::string_view reporting = "Only for gentlify report";
constexpr std::string_view report_verb = "report";
constexpr std::string_view pushing = "Only for gentlify push";
constexpr std::string_view push_verb = "push";
constexpr std::string_view check_verb = "check";
constexpr std::array<PlainFlag, 13> plain = {{
    {"--config", "FILE",
     "Read settings from the TOML file FILE; repeat the flag for several, the later one wins.",
     configuration},
    {"--env-prefix", "PREFIX", "Read settings from variables PREFIX_* instead of GENTLIFY_*.",
     configuration},
    {"--print-config", "",
     "Print the settings in effect as TOML, each with where it comes from, and run nothing.",
     configuration},
    {"-h, --help", "", "Print this help and exit.", configuration},
    {"-V, --version", "", "Print the version and exit.", configuration},
    {"--model", "FILE", "Simulate the service that the TOML file FILE describes.", simulation,
     simulate_verb},
    {"--seed", "N", "Draw all chance from N: the same N gives the same run; 1 if not given.",
     simulation, simulate_verb},
    {"--runs", "N", "Simulate N runs, with N seeds in a row, and tell the means.", simulation,
     simulate_verb},
    {"--json", "", "Print one JSON object instead of a table.", simulation, simulate_verb},
    {"--trace", "FILE",
     "Write to FILE, as CSV, the limit, the rate and the jobs in flight at each moment of the "
     "first run.",
     simulation, simulate_verb},
    {"--text", "", "Print tables and sparklines, as without -o.", reporting, report_verb},
    {"-o, --page", "FILE",
     "Write the report to FILE as a page that needs nothing else; - is standard output.", reporting,
     report_verb},
    {"--end", "", "Nothing more will be pushed: runs end when they have done all of the list.",
     pushing, push_verb},
}};

/// One spelling of one flag, and what stands behind it.
struct Spelling {
  enum class Kind { setting, alias, other };
  std::string name;
  Kind kind;
  std::size_t index;
  std::string_view metavar;  // empty: a switch
};

void add_plain(std::string_view verb, std::vector<Spelling>& all) {
  for (std::size_t i = 0; i < plain.size(); ++i) {
    // A report has no settings, and so nothing that says where they come from.
    const bool for_all =
        plain[i].verb.empty() && (verb != report_verb || i == help || i == version);
    if (!for_all && plain[i].verb != verb) continue;
    for (const std::string_view name : split(plain[i].flags, ", ")) {
      all.push_back({std::string(name), Spelling::Kind::other, i, plain[i].metavar});
    }
  }
}

std::vector<Spelling> all_spellings(std::string_view verb) {
  using Kind = Spelling::Kind;
  std::vector<Spelling> all;
  all.reserve(80);
  if (verb == report_verb) {
    add_plain(verb, all);
    return all;
  }
  const auto settings = settings_table();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    for (std::string& name : spellings(settings[i])) {
      all.push_back({std::move(name), Kind::setting, i, settings[i].metavar});
    }
  }
  const auto aliases = alias_table();
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    all.push_back({std::string(aliases[i].flag), Kind::alias, i, aliases[i].metavar});
  }
  add_plain(verb, all);
  return all;
}

/// `word` may be the flag `name`: alone, with a value, or in a cluster of short ones.
bool mentions(std::string_view word, std::string_view name) {
  if (!word.starts_with('-')) return false;
  if (name.size() == 2)
    return !word.starts_with("--") && word.find(name[1]) != std::string_view::npos;
  return word.starts_with(name) && (word.size() == name.size() || word[name.size()] == '=');
}

/// CLI11 with a view of what it did not recognise.
class Parser : public CLI::App {
 public:
  /// `to_the_end`: flags may follow a word that is none.
  explicit Parser(bool to_the_end) : to_the_end_(to_the_end) {
    set_help_flag();
    if (to_the_end) {
      allow_extras();
    } else {
      prefix_command();
    }
  }

  void add(const Spelling& spelling) {
    CLI::Option* option =
        spelling.metavar.empty() ? add_flag(spelling.name) : add_option(spelling.name);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    spellings_[option] = &spelling;
  }

  /// Calls `found` with each flag and its value, in the order of the command line.
  template <typename Found>
  void each(Found found) const {
    std::map<CLI::Option*, std::size_t> seen;
    for (CLI::Option* option : parse_order()) {
      std::string value = option->results()[seen[option]++];
      while (value.ends_with('\0')) value.pop_back();
      found(*spellings_.at(option), std::move(value));
    }
  }

  /// The words that are none, without the one that ends the flags.
  std::vector<std::string> words() const {
    std::vector<std::string> out;
    for (const auto& [kind, word] : missing_) {
      if (kind != CLI::detail::Classifier::POSITIONAL_MARK) out.push_back(word);
    }
    return out;
  }

  /// A word that was to be a flag and is none.
  std::optional<std::string> unknown() const {
    for (const auto& [kind, word] : missing_) {
      if (kind == CLI::detail::Classifier::POSITIONAL_MARK) return {};
      if (word.starts_with('-')) return word;
      if (!to_the_end_) return {};
    }
    return {};
  }

 private:
  bool to_the_end_;
  std::map<CLI::Option*, const Spelling*> spellings_;
};

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ExitCode::usage, sentence);
}

[[noreturn]] void refuse_unknown(std::string word, std::string_view verb,
                                 const std::vector<Spelling>& known) {
  while (word.ends_with('\0')) word.pop_back();
  if (word == "-") refuse("- is no command; standard input is read with -a -, or where no -a is");
  if (word.starts_with("-L")) {
    refuse("there is no flag -L: -n N gives N items to each job");
  }
  const std::string name = word.starts_with("--") ? word.substr(0, word.find('=')) : word;
  std::vector<std::string> candidates;
  for (const Spelling& spelling : known) {
    if (spelling.name.size() > 2) candidates.push_back(spelling.name);
  }
  const std::string hint = name.starts_with("--") ? did_you_mean(name, candidates) : std::string();
  const std::string of_verb = verb.empty() ? "" : fmt::format("{} ", verb);
  refuse(fmt::format("there is no flag {}{}", shown(name),
                     hint.empty() ? fmt::format("; gentlify {}--help lists them", of_verb) : hint));
}

bool is_on(const Spelling& spelling, const std::string& value) {
  const auto on = parse_bool(value);
  if (!on) refuse(fmt::format("{}={}: must be true or false", spelling.name, shown(value)));
  return *on;
}

std::uint64_t number(const Spelling& spelling, const std::string& value, std::uint64_t least) {
  constexpr std::uint64_t most = 1'000'000;
  const auto number = parse_number(value);
  if (!number || *number < least || *number > most) {
    refuse(fmt::format("{} {}: must be from {} to {}", spelling.name, shown(value), least, most));
  }
  return *number;
}

/// What a flag that writes no setting does.
void set_plain(const Spelling& spelling, std::string value, Options& options) {
  switch (static_cast<Plain>(spelling.index)) {
    case config: options.config_files.push_back(std::move(value)); break;
    case env_prefix: options.env_prefix = std::move(value); break;
    case print_config: options.print_config = is_on(spelling, value); break;
    case help: options.help = is_on(spelling, value); break;
    case version: options.version = is_on(spelling, value); break;
    case model: options.simulation.model = std::move(value); break;
    case seed: options.simulation.seed = number(spelling, value, 0); break;
    case runs: options.simulation.runs = number(spelling, value, 1); break;
    case json: options.simulation.json = is_on(spelling, value); break;
    case trace: options.simulation.trace = std::move(value); break;
    case text: options.reporting.text = is_on(spelling, value); break;
    case page:
      if (value.empty()) refuse("-o needs the name of a file, or - for standard output");
      options.reporting.page = std::move(value);
      break;
    case end_list: options.end_list = is_on(spelling, value); break;
  }
}

/// Of a verb that has flags of its own.
std::string_view name_of(Options::Verb verb) {
  if (verb == Options::Verb::simulate) return simulate_verb;
  if (verb == Options::Verb::push) return push_verb;
  if (verb == Options::Verb::check) return check_verb;
  return verb == Options::Verb::report ? report_verb : "";
}

/// Reads the flags in `words` and returns how many words they took.
std::size_t parse_flags(std::span<const char* const> words, Options& options) {
  const std::vector<Spelling> known = all_spellings(name_of(options.verb));
  std::vector<std::string> reversed;  // as CLI11 wants it
  reversed.reserve(words.size());
  for (const char* word : words) {
    reversed.emplace_back(word);
    // CLI11 takes `--flag=` for `--flag` and the next word. No argument can hold a NUL, so that
    // one marks the empty value.
    if (reversed.back().starts_with("--") &&
        reversed.back().find('=') + 1 == reversed.back().size())
      reversed.back() += '\0';
  }
  std::reverse(reversed.begin(), reversed.end());

  // Only flags that may be there are given to CLI11: to give it all of them takes longer than the
  // rest of the start.
  const bool to_the_end =
      options.verb == Options::Verb::report || options.verb == Options::Verb::check;
  Parser parser(to_the_end);
  for (const Spelling& spelling : known) {
    if (std::any_of(words.begin(), words.end(),
                    [&](const char* word) { return mentions(word, spelling.name); })) {
      parser.add(spelling);
    }
  }
  try {
    parser.parse(std::move(reversed));
  } catch (const CLI::ParseError&) {
    // The one way to get here: the last word is a flag without the value that it needs.
    const std::string_view last = words.back();
    const auto spelling = std::find_if(known.begin(), known.end(), [&](const Spelling& s) {
      return !s.metavar.empty() &&
             (s.name == last ||
              (s.name.size() == 2 && !last.starts_with("--") && last.ends_with(s.name[1])));
    });
    const std::string_view metavar = spelling == known.end() ? "VALUE" : spelling->metavar;
    refuse(fmt::format("{0} needs a value: {0} {1}", shown(last), metavar));
  }
  if (const auto word = parser.unknown()) refuse_unknown(*word, name_of(options.verb), known);
  if (to_the_end) options.command = parser.words();

  parser.each([&](const Spelling& spelling, std::string value) {
    switch (spelling.kind) {
      case Spelling::Kind::setting:
        options.assignments.push_back({spelling.index, std::move(value), spelling.name});
        break;
      case Spelling::Kind::alias: {
        const Alias& alias = alias_table()[spelling.index];
        std::string problem;
        std::vector<std::string> texts = alias_texts(alias, value, problem);
        if (!problem.empty()) {
          refuse(fmt::format("{} {}: {}", spelling.name, shown(value), problem));
        }
        const std::string_view keys[] = {alias.key, alias.period_key};
        for (std::size_t i = 0; i < texts.size(); ++i) {
          options.assignments.push_back(
              {*find_setting(keys[i]), std::move(texts[i]), spelling.name});
        }
        break;
      }
      case Spelling::Kind::other: set_plain(spelling, std::move(value), options); break;
    }
  });
  return words.size() - parser.remaining_size();
}

/// Words of a request, with flags before, after and between them.
void parse_request(std::span<const char* const> words, Options& options) {
  while (!words.empty()) {
    const auto json = std::find(words.begin(), words.end(), std::string_view("--json"));
    const auto part = words.first(static_cast<std::size_t>(json - words.begin()));
    const std::size_t taken = part.empty() ? 0 : parse_flags(part, options);
    if (taken < part.size()) {
      options.command.emplace_back(part[taken]);
      words = words.subspan(taken + 1);
    } else {
      options.json = options.json || json != words.end();
      words = words.subspan(taken + (json == words.end() ? 0 : 1));
    }
  }
}

void check_prefix(const std::string& prefix) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (prefix.empty() || !is_letter(prefix.front()) ||
      !std::all_of(prefix.begin(), prefix.end(), is_allowed)) {
    refuse(fmt::format("--env-prefix {}: must be a variable's name: letters, digits and _",
                       shown(prefix)));
  }
}

}  // namespace

std::span<const PlainFlag> plain_flags() {
  return plain;
}

Options parse_options(int argc, const char* const* argv) {
  Options options;
  std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
  words = words.subspan(std::min<std::size_t>(words.size(), 1));
  const std::string_view first = words.empty() ? std::string_view() : words.front();
  if (first == "run") {
    words = words.subspan(1);
  } else if (first == "presets") {
    options.verb = Options::Verb::presets;
    words = words.subspan(1);
  } else if (first == simulate_verb) {
    options.verb = Options::Verb::simulate;
    words = words.subspan(1);
  } else if (first == "ctl") {
    options.verb = Options::Verb::ctl;
    parse_request(words.subspan(1), options);
    check_prefix(options.env_prefix);
    return options;
  } else if (first == report_verb) {
    options.verb = Options::Verb::report;
    words = words.subspan(1);
  } else if (first == push_verb) {
    options.verb = Options::Verb::push;
    words = words.subspan(1);
  } else if (first == check_verb) {
    options.verb = Options::Verb::check;
    words = words.subspan(1);
  } else if (first == "__pretend") {
    options.pretend = true;
    words = words.subspan(1);
  } else if (first == "__generate") {
    options.verb = Options::Verb::generate;
    options.command.assign(words.begin() + 1, words.end());
    return options;
  }

  const auto is = [](std::string_view mark) {
    return [mark](std::string_view word) { return word == mark; };
  };
  const auto items = std::find_if(words.begin(), words.end(), is(":::"));
  const auto head = words.first(static_cast<std::size_t>(items - words.begin()));
  for (const std::string_view word : std::span(items, words.end())) {
    if (word == ":::" || word == ":::+") {
      options.lists.push_back({{}, word == ":::+"});
    } else {
      options.lists.back().values.emplace_back(word);
    }
  }
  const std::size_t taken = head.empty() ? 0 : parse_flags(head, options);
  if (options.verb == Options::Verb::report || options.verb == Options::Verb::check) return options;
  options.flag_words = static_cast<std::size_t>(argc) - words.size() + taken;
  for (const char* word : head.subspan(taken)) options.command.emplace_back(word);
  for (const std::string& word : options.command) {
    if (word == ":::+") refuse(":::+ links a list to the one before it, and there is none");
    if (word == "::::") refuse(":::: is not known here: items are read from a file with -a FILE");
  }
  check_prefix(options.env_prefix);
  return options;
}

}  // namespace gentlify
