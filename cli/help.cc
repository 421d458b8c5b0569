#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/flag_docs.h"
#include "cli/names.h"
#include "cli/version.h"

namespace gentlify {

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t help_column = 28;

constexpr std::string_view intro = R"(Usage: gentlify [FLAG...] [COMMAND [ARG...]] [::: ITEM...]...

Runs COMMAND once for each item, as many at once as the service behind it can
take. The items are the lines of standard input, of the files named by -a, or
what follows :::. {} in COMMAND stands for the item, {.} for it without its
extension, {/} for its base name, {//} for its directory, {/.} for its base name
without extension, {#} for its number and {%} for its place among the jobs that
run, {1} and {name} for a column of a table; where none of them is there, the
item comes last. Without COMMAND each item is a command line for the shell.

Examples:
  gentlify -j8 gzip ::: *.log
  find . -name '*.png' -print0 | gentlify -0 optipng -quiet {}
  gentlify --retries 5 -a urls.txt curl -fsSO {}
  gentlify --csv --header -a people.csv ./mail.sh {name} {address}
  gentlify -j+2 --overload-exit 7,75 < commands.txt

Other verbs, as the first word: ctl looks at a run and steers it, report shows
how a run in a journal went, simulate tries settings on a modelled service,
presets lists what is known of services, check looks a configuration file over,
push gives jobs to a fleet; `gentlify run` or `gentlify --` lets a command have
such a name.

T is a time such as 250ms, 1.5s, 2m or 1h, N/T a rate such as 10/s, 100/m or
5/10s. Defaults stand in [ ].
)";

constexpr std::string_view simulate_intro =
    R"(Usage: gentlify simulate [FLAG...] --model FILE

Runs no command. A service is modelled instead, and the same controller that
`gentlify run` would have with these settings meets it in virtual time: hours in
milliseconds. --total says how many jobs there are, if not the model. The manual
gentlify-simulate(1) describes the file; gentlify --help lists further settings.

Example:
  gentlify simulate --model api.toml -j64 --total 5000
)";

constexpr std::string_view push_help =
    R"(Usage: gentlify push --fleet URL [--end] [-0|-d C] [-a FILE] [::: ITEM...]

Puts jobs at the end of the list that the runs of a fleet share, those with
--fleet-jobs stream: one for each line of standard input, of FILE, or for each
ITEM. Says how many those were.

  --end                 nothing more will be pushed, by anyone: runs end when
                        they have done all; alone, on a terminal, it reads
                        nothing
  -q                    say nothing

Exit: 0 pushed, 64 usage, 65 an item cannot be pushed, 66 no input, 69 the
fleet's engine cannot be reached for 10 s, 73 the list has ended, 77 the engine
refuses us
)";

constexpr std::string_view check_help =
    R"(Usage: gentlify check [FLAG...] CONFIG

Says whether a run with --config CONFIG would take it, and runs nothing. The
environment and the FLAGs, which are those of a run, go before the file as they
would there. Each preset in the file is tried as if it were chosen.

  --print-config        print the settings in effect

Exit: 0 it is right, 64 a FLAG is wrong, 78 the file or a variable is wrong, or
the file cannot be read

Example:
  gentlify check nightly.toml
)";

constexpr std::string_view presets_help =
    R"(Usage: gentlify presets [--config FILE] [NAME]

Lists the presets, with which --preset NAME begins: those that are built in, and
those of FILE. With NAME it prints what that one sets, as TOML that may be put
into a file and changed.

Exit: 0 printed, 64 there is no such preset, 78 FILE is wrong or cannot be read

Examples:
  gentlify presets
  gentlify presets github
)";

constexpr std::string_view ctl_help =
    R"(Usage: gentlify ctl [--control PATH] REQUEST
       gentlify ctl --fleet URL status|pause|resume|set

Looks at a run and steers it while it goes, through its socket: the one at PATH,
which the run was given with --control, or else that of the one run which
listens in $XDG_RUNTIME_DIR/gentlify, as runs on a terminal do.

  status [--json]       how the run stands
  top                   the running jobs, the oldest first, and their last lines
  pause [T]             start nothing, for T or until resume
  resume                go on
  set KEY VALUE         change max_concurrency, rate or token_budget.max
  drain                 start nothing more, and end when the running jobs have
  stop                  end the running jobs, too
  kill SEQ              end the job of that number, for good

With --fleet it looks at a fleet and steers all its runs, from any machine:
status tells its hosts and what they hold, and set changes fleet_concurrency,
rate or token_budget.max.

Exit: 0 done, 1 not possible as the run is, 64 usage, 66 no run listens or no
such fleet, 69 the fleet cannot be reached, 75 the run does not answer, 77 it is
another user's, or the fleet's engine refuses us
)";

constexpr std::string_view report_intro =
    R"(Usage: gentlify report [--text] [-o FILE] JOURNAL

Shows how the run went that JOURNAL is the record of (--journal of gentlify
run), also while it still goes on: limit, running jobs, rate and refusals over
time, how long jobs ran and what held them back, and what failed. The manual
gentlify-report(1) says more.

Examples:
  gentlify report run.jnl
  gentlify report run.jnl -o run.html
)";

/// The chapters of settings that a simulation looks at.
constexpr std::array<std::string_view, 5> simulated = {"Preset", "Limits", "Rates and budgets",
                                                       "Retries", "Configuration"};

constexpr std::string_view outro = R"(
Every setting is also a TOML key and a variable: --retry-max-attempts 4 is
[retry] max_attempts = 4 is GENTLIFY_RETRY_MAX_ATTEMPTS=4. A flag wins over a
variable, that over a file.

Exit: 0 all succeeded, 1 a job failed, 64 usage, 65 no header, or not the run
in the journal, 66 no input, 71 nothing can be started, 73 a file cannot be
made, or holds a run, 74 output not written, 75 try again later, 77 a file that
is not ours, 78 configuration, 126 and 127 no such command, 128+N ended by
signal N with jobs left undone
)";

std::string default_of(const FlagDoc& flag) {
  if (flag.setting == nullptr || is_switch(*flag.setting) || flag.setting->fallback.empty()) {
    return {};
  }
  return fmt::format(" [{}]", flag.setting->fallback);
}

void append(const Chapter& chapter, std::string& out) {
  out += fmt::format("\n{}:\n", chapter.title);
  for (const FlagDoc& flag : chapter.flags) {
    std::string line = "  " + headline(flag);
    for (const std::string& text :
         wrapped(std::string(flag.help) + default_of(flag), width - help_column)) {
      if (line.size() + 2 > help_column) {
        out += line + '\n';
        line.clear();
      }
      line.resize(help_column, ' ');
      out += line + text + '\n';
      line.clear();
    }
  }
}

}  // namespace

std::string help(Options::Verb verb) {
  if (verb == Options::Verb::check) return std::string(check_help);
  if (verb == Options::Verb::presets) return std::string(presets_help);
  if (verb == Options::Verb::ctl) return std::string(ctl_help);
  if (verb == Options::Verb::push) return std::string(push_help);
  if (verb == Options::Verb::report) {
    std::string out(report_intro);
    for (const Chapter& chapter : flag_docs_of("report")) append(chapter, out);
    return out;
  }
  if (verb != Options::Verb::simulate) {
    std::string out(intro);
    for (const Chapter& chapter : flag_docs()) append(chapter, out);
    return out + std::string(outro);
  }
  std::string out(simulate_intro);
  for (const Chapter& chapter : flag_docs_of("simulate")) append(chapter, out);
  for (const Chapter& chapter : flag_docs()) {
    if (std::find(simulated.begin(), simulated.end(), chapter.title) != simulated.end()) {
      append(chapter, out);
    }
  }
  return out;
}

std::string version() {
  return fmt::format("gentlify {}\nbuilt by {}\nwith {}\n", version_text, GENTLIFY_BUILD,
                     GENTLIFY_LIBRARIES);
}

}  // namespace gentlify
