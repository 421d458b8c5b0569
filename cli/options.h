// The command line as data. It is taken apart here; what the values mean is checked by the merge.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/layers.h"
#include "lib/engine/input/list_source.h"

namespace gentlify {

struct Options {
  enum class Verb {
    run,
    presets,  ///< `command` holds what follows the flags
    simulate,
    ctl,     ///< `command` holds the words of the request
    report,  ///< `command` holds the journal
    push,
    check,     ///< `command` holds the configuration file
    generate,  ///< hidden: fills a skeleton of the manual or of a completion
  };
  using Assignment = Layers::Flag;

  /// What only `gentlify simulate` takes.
  struct Simulation {
    std::string model;
    std::uint64_t seed = 1;
    std::uint64_t runs = 1;
    bool json = false;
    std::string trace;  ///< empty: none
  };

  /// What only `gentlify report` takes.
  struct Reporting {
    bool text = false;
    std::string page;  ///< the file for it; empty: none, - standard output
  };

  Verb verb = Verb::run;
  Simulation simulation;
  Reporting reporting;
  std::vector<Assignment> assignments;
  std::vector<std::string> config_files;
  std::string env_prefix = "GENTLIFY";
  bool print_config = false;
  bool json = false;      ///< for a program, of what `ctl` tells
  bool end_list = false;  ///< of `push`: nothing more will be pushed
  bool pretend = false;   ///< hidden: see RunRequest
  /// So many words, the program's name among them, are before the command and what follows it.
  std::size_t flag_words = 1;
  bool help = false;
  bool version = false;

  /// The command template; the skeleton of Verb::generate.
  std::vector<std::string> command;
  /// What follows each `:::` and `:::+`.
  std::vector<ItemList> lists;
};

/// A flag of the command line alone, which writes no setting.
struct PlainFlag {
  std::string_view flags;    ///< "-h, --help"
  std::string_view metavar;  ///< empty for a switch
  std::string_view help;     ///< one sentence
  std::string_view chapter;
  std::string_view verb = {};  ///< the one that takes it; empty: every verb does
};
std::span<const PlainFlag> plain_flags();

/// Throws Error(usage) naming the flag, the value and what is allowed.
Options parse_options(int argc, const char* const* argv);

}  // namespace gentlify
