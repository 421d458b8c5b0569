// THE TABLE: every setting's name, default, range and help. See settings.h for the columns.
#include "cli/settings.h"

namespace gentlify {

namespace {

using S = Settings;
using Form = Setting::Form;

constexpr std::string_view preset = "Preset";
constexpr std::string_view input = "Input";
constexpr std::string_view limits = "Limits";
constexpr std::string_view rates = "Rates and budgets";
constexpr std::string_view retries = "Retries";
constexpr std::string_view outcome = "What a job's exit status means";
constexpr std::string_view output = "Output and progress";
constexpr std::string_view record = "The journal of a run, and going on with it";
constexpr std::string_view jobs = "Where and how jobs run";
constexpr std::string_view fleet = "Fleet";
constexpr std::string_view hooks = "Hooks";
constexpr std::string_view ending = "Signals and environment";

// clang-format off
constexpr Setting settings[] = {
    {"", "preset", &S::preset, "", "", "NAME", "",
     "Begin with the settings of the preset NAME, made for a service; gentlify presets lists them.",
     preset},

    {"", "input", &S::input, "", "", "FILE", "-a",
     "Read the items from FILE, - being standard input; repeat the flag to read several files one "
     "after another.",
     input, Form::filled},
    {"", "null", &S::null, "false", "", "", "-0",
     "Items end in a NUL byte, as find -print0 writes them.",
     input},
    {"", "delimiter", &S::delimiter, "\\n", "", "C", "-d",
     "Items end in the byte C, which may be written \\n, \\t, \\0, \\\\ or \\xHH; empty ones count, "
     "unless they are lines.",
     input, Form::byte},
    {"", "csv", &S::csv, "false", "", "", "",
     "Items are rows of a table with commas between the columns, which may be quoted as RFC 4180 has "
     "it: {1}, {2} and so on in COMMAND stand for them.",
     input},
    {"", "tsv", &S::tsv, "false", "", "", "",
     "Items are rows of a table, as with --csv, with tabs between the columns.",
     input},
    {"", "colsep", &S::colsep, "", "", "C", "",
     "Items are rows of a table, as with --csv, with the byte C between the columns, written as for "
     "--delimiter.",
     input, Form::byte},
    {"", "header", &S::header, "false", "", "", "",
     "The first row of each file names the columns: {name} in COMMAND stands for the column of that "
     "name.",
     input},
    {"", "jsonl", &S::jsonl, "false", "", "", "",
     "Items are JSON objects, one a line: {name} in COMMAND stands for the member of that name, or "
     "argv or shell says what to run; id, env, cwd, stdin, cost, timeout and retries are for that "
     "job alone.",
     input},
    {"", "allow_unknown", &S::allow_unknown, "false", "", "", "",
     "Run JSON objects with members that nothing uses, too, instead of taking these for mistyped.",
     input},
    {"", "keep_empty", &S::keep_empty, "false", "", "", "",
     "Take empty lines for items, too, instead of skipping them.",
     input},
    {"", "max_items", &S::max_items, "1", "1..1000000", "N", "-n",
     "Give up to N items to each job: a word of COMMAND that is {} becomes a word for each.",
     input},
    {"", "stdin_item", &S::stdin_item, "false", "", "", "",
     "Give each job its item on standard input, not among its arguments.",
     input},
    {"", "shuf", &S::shuf, "false", "", "", "",
     "Read all items first, and run them in random order.",
     input},
    {"", "not_done", &S::not_done, "", "", "FILE", "",
     "Write the items that a run which was stopped did not finish into FILE, to be read by the next run; "
     "it may be the file that is read.",
     input},
    {"", "replace", &S::replace, "{}", "", "STR", "-I",
     "STR stands for the item in COMMAND, in the place of {}.",
     input, Form::filled},
    {"", "max_line", &S::max_line, "1M", "1..1G", "SIZE", "",
     "An item of the input that is longer than SIZE bytes fails alone and is not run.",
     input, Form::size},
    {"", "total_tasks", &S::total_tasks, "auto", "auto|1..1000000000000", "N", "--total",
     "There will be N jobs, which tells percent and time left early where the input is a pipe; "
     "auto counts them.",
     input},

    {"", "max_concurrency", &S::max_concurrency, "100%", "0..1000000", "N", "-j, -P, --jobs",
     "Run at most N jobs at once; also N% of the cores, or +N for N more than the cores; with a "
     "rate it is 16 where nothing is said, and 0 is no limit.",
     limits},
    {"", "initial_concurrency", &S::initial_concurrency, "auto", "auto|1..1000000", "N", "",
     "Start with N jobs at once; auto is the square root of the most, or 8 where that is not "
     "limited, or the most itself where the controller is aimd or fixed.",
     limits},
    {"", "min_concurrency", &S::min_concurrency, "1", "1..1000000", "N", "",
     "Never slow down to fewer than N jobs at once.",
     limits},
    {"", "load", &S::load, "none", "none|0.0001..1000000", "X", "",
     "Start no job beside others while the load average of the last minute is over X.",
     limits},
    {"", "memory_pressure", &S::memory_pressure, "none", "none|0.01..100", "P", "",
     "Start no job beside others while processes on this machine, for more than P percent of the "
     "last 10s, have waited for memory (some avg10 of /proc/pressure/memory).",
     limits},
    {"", "controller", &S::controller, "hover", "hover|classic|aimd|fixed", "LAW", "",
     "How the number of jobs at once is found: hover keeps just under what the service takes, in "
     "number and in rate; classic halves the number on overload and comes back in steps; aimd "
     "leaves it alone and finds a rate of starts; fixed leaves both alone.",
     limits},
    {"", "min_dispatch_interval", &S::min_dispatch_interval, "0", "0..365d", "T", "",
     "Leave at least T between two starts.",
     limits},
    {"", "max_dispatch_interval", &S::max_dispatch_interval, "30s", "0..365d", "T", "",
     "Never slow down to more than T between two starts; 0 leaves that to the controller, and to "
     "classic it says never to slow down in that way.",
     limits},
    {"", "jitter_fraction", &S::jitter_fraction, "0.5", "0..1", "X", "",
     "The controllers classic and fixed vary the time between two starts at random by up to this "
     "fraction of it.",
     limits},
    {"", "failure_threshold", &S::failure_threshold, "3", "1..1000000", "N", "",
     "The controllers classic and aimd slow down when N failures have come within the failure "
     "window.",
     limits},
    {"", "failure_window", &S::failure_window, "1m", "1ms..365d", "T", "",
     "How long a failure counts towards that threshold.",
     limits},
    {"", "cooling_period", &S::cooling_period, "1m", "0..365d", "T", "",
     "After slowing down, and after each step back up, the controller classic changes nothing for T.",
     limits},
    {"", "safe_ceiling_decay_multiplier", &S::safe_ceiling_decay_multiplier, "5", "1..1000000",
     "X", "",
     "After X cooling periods without a failure the controller classic goes on to the full number "
     "of jobs again.",
     limits},
    {"circuit_breaker", "consecutive_failures", &S::circuit_breaker_consecutive_failures, "10",
     "0..1000000", "N", "",
     "Start nothing for a while when N first attempts in a row have failed, or N of any kind with "
     "overload; 0 never does, which is what the controller fixed does where nothing is said.",
     limits},
    {"circuit_breaker", "open_duration", &S::circuit_breaker_open_duration, "2s", "1ms..365d",
     "T", "",
     "The circuit breaker starts nothing for T, then a job as a probe; each probe that fails doubles "
     "the time, up to five times T.",
     limits},
    {"circuit_breaker", "half_open_max_calls", &S::circuit_breaker_half_open_max_calls, "1",
     "1..1000000", "N", "",
     "The circuit breaker lets N probes run at once.",
     limits},
    {"circuit_breaker", "max_open", &S::circuit_breaker_max_open, "none", "none|1ms..365d", "T", "",
     "End the run, to be tried again later, when that state has not ended T after it began.",
     limits},
    {"circuit_breaker", "on_open", &S::circuit_breaker_on_open, "wait", "wait|fail|abort", "WHAT",
     "",
     "In that state let jobs wait, or fail each job whose turn comes without a start, or end the "
     "run.",
     limits},

    {"", "rate", &S::rate, "none", "", "N/T", "",
     "Start at most N jobs in each time T, as 10/s, 100/m, 5000/h or 5/10s.",
     rates},
    {"", "rate_mode", &S::rate_mode, "drip", "drip|burst|exact", "MODE", "",
     "Keep starts T/N apart, or let the burst go at once and the rest T/N apart, or let up to N "
     "go at once and never more than N in any time T.",
     rates},
    {"", "burst", &S::burst, "1", "1..1000000000000", "N", "",
     "How much of the rate can be saved up where its mode is burst.",
     rates},
    {"", "rate_unit", &S::rate_unit, "starts", "starts|cost", "UNIT", "",
     "What the rate counts: starts, or what the jobs cost.",
     rates},
    {"token_budget", "max", &S::token_budget_max, "none", "none|1..1000000000000", "N", "",
     "Spend at most N in any window of time, on what jobs cost.",
     rates},
    {"token_budget", "window", &S::token_budget_window, "none", "none|1ms..365d", "T", "",
     "The window of the token budget.",
     rates},
    {"", "cost", &S::cost, "1", "1..1000000000000", "N", "",
     "What each attempt at a job is expected to cost.",
     rates},
    {"", "min_rate", &S::min_rate, "0.1", "0.000001..1000000", "X", "",
     "The controller aimd never goes below X starts a second.",
     rates},
    {"", "max_rate", &S::max_rate, "50", "0.000001..1000000", "X", "",
     "The controller aimd never goes above X starts a second.",
     rates},
    {"", "increase_step", &S::increase_step, "0.1", "0..1000000", "X", "",
     "With the controller aimd each success adds X to the starts a second.",
     rates},
    {"", "decrease_factor", &S::decrease_factor, "0.5", "0.01..0.99", "X", "",
     "With the controller aimd overload multiplies the starts a second by X.",
     rates},
    {"", "cooldown_multiplier", &S::cooldown_multiplier, "1", "0..1000000", "X", "",
     "With the controller aimd nothing starts after overload for the time of X starts, 1s at "
     "least and 1m at most, unless the service says how long.",
     rates},

    {"retry", "max_attempts", &S::retry_max_attempts, "3", "1..1000000", "N", "",
     "Give a job up when its Nth attempt has failed; one that fails while most others do is taken "
     "for the service's, and counts for --retry-overload instead.",
     retries},
    {"retry", "overload", &S::retry_overload, "20", "0..1000000", "N", "",
     "Run a job again up to N times where its attempts end in overload, or fail by the service's "
     "fault as it seems; these do not count as failed.",
     retries},
    {"retry", "backoff", &S::retry_backoff, "exponential_jitter",
     "fixed|exponential|exponential_jitter", "KIND", "",
     "How the delay before a job's next attempt grows: not at all, by doubling, or by doubling "
     "with up to half of it taken off at random.",
     retries},
    {"retry", "base_delay", &S::retry_base_delay, "1s", "0..365d", "T", "",
     "The delay before a job's second attempt.",
     retries},
    {"retry", "max_delay", &S::retry_max_delay, "1m", "0..365d", "T", "",
     "No delay before an attempt is longer than T.",
     retries},
    {"retry", "slot", &S::retry_slot, "release", "release|hold", "WHAT", "",
     "While a job waits for its next attempt, release its place to others or hold it.",
     retries},

    {"", "success_exit", &S::success_exit, "0", "", "LIST", "",
     "These exit statuses are success, also where another list holds them; a leading ! takes one "
     "out, as in 0-7,!3.",
     outcome, Form::filled},
    {"", "overload_exit", &S::overload_exit, "75", "", "LIST", "",
     "These exit statuses say that the service is overloaded: slow down, and run the job again.",
     outcome},
    {"", "permanent_exit", &S::permanent_exit, "64-66,77,78,126,127", "", "LIST", "",
     "These exit statuses say that the job can never succeed: do not run it again.",
     outcome},
    {"", "report", &S::report, "false", "", "", "",
     "Give each job a pipe, its descriptor in GENTLIFY_REPORT_FD, to write lines on: cost N, "
     "retry-after T, overload, permanent.",
     outcome},
    {"", "overload_match", &S::overload_match, "", "", "REGEX", "",
     "A job that fails and writes what the regular expression matches to stderr was refused by an "
     "overloaded service.",
     outcome, Form::pattern},
    {"", "retry_after_match", &S::retry_after_match, "", "", "REGEX", "",
     "The first group matches the seconds, or the date, that the service asks to wait on a job's "
     "stderr.",
     outcome, Form::value_pattern},
    {"", "cost_match", &S::cost_match, "", "", "REGEX", "",
     "The first group matches what the job has cost on its stderr, a whole number.",
     outcome, Form::value_pattern},

    {"", "output", &S::output, "group", "group|line|inherit|discard", "HOW", "",
     "Show what a job writes whole when it has ended, or line by line as it comes, or let the jobs "
     "write straight through, or do not show it.",
     output},
    {"", "keep_order", &S::keep_order, "false", "", "", "-k",
     "Show what jobs write in the order of their items, whatever the order of their ends.",
     output},
    {"", "tag", &S::tag, "false", "", "", "",
     "Begin each line that a job writes with its item and a tab.",
     output},
    {"", "tag_string", &S::tag_string, "", "", "T", "",
     "Begin each line that a job writes with T, in which {} and the like are replaced, and a tab.",
     output},
    {"", "all_attempts", &S::all_attempts, "false", "", "", "",
     "Show what every attempt wrote, not only the last one.",
     output},
    {"", "results", &S::results, "", "", "DIR", "",
     "Keep what jobs write in DIR/SEQ/stdout and DIR/SEQ/stderr as well, and how they ended in "
     "DIR/SEQ/meta.json; DIR is empty, or is made.",
     output},
    {"", "joblog", &S::joblog, "", "", "FILE", "",
     "Write a line for each job that is done or has failed into FILE, in GNU parallel's columns; it is "
     "emptied first, unless the run is one that goes on.",
     output},
    {"", "junit", &S::junit, "", "", "FILE", "",
     "Write a test case for each job into FILE, which is emptied first, as a JUnit report for CI.",
     output},
    {"", "summary", &S::summary, "", "", "FILE", "",
     "Write how the run ended into FILE, as a JSON object that takes the place of what was there.",
     output},
    {"", "summary_md", &S::summary_md, "", "", "FILE", "",
     "Add how the run ended to FILE, as Markdown; in a GitHub workflow it is added to the summary of "
     "the step where nothing is said.",
     output},
    {"", "metrics", &S::metrics, "", "", "FILE", "",
     "Write how the run stands into FILE every 5s and at its end, in Prometheus' text format, for the "
     "textfile collector of node_exporter.",
     output},
    {"", "label", &S::label, "", "", "KEY=VALUE", "",
     "Tell this run from others in its summary and its metrics, where KEY has this VALUE; repeat the "
     "flag for several.",
     output, Form::label},
    {"", "spool_max", &S::spool_max, "1G", "0..1000000000000", "SIZE", "",
     "Keep up to SIZE of output that cannot be shown yet in a file in $TMPDIR, beside 16M in memory; "
     "beyond that jobs wait with theirs.",
     output, Form::size},
    {"", "progress", &S::progress, "auto", "auto|bar|milestones|json|none", "HOW", "",
     "Tell progress by one line that is redrawn, by milestone lines, by lines of JSON or not at all; "
     "auto is bar on a terminal and milestones elsewhere.",
     output},
    {"", "milestones", &S::milestones, "10%", "", "STEP", "",
     "A milestone line at each 10%, each 30s or each 1000 jobs, as STEP says.",
     output},
    {"", "quiet", &S::quiet, "false", "", "", "-q",
     "Say nothing of the run: no progress and no summary, also where jobs fail.",
     output},
    {"", "color", &S::color, "auto", "auto|always|never", "WHEN", "",
     "Use colour; auto is on a terminal where NO_COLOR is not set.",
     output},

    {"", "control", &S::control, "auto", "", "PATH", "",
     "Listen for gentlify ctl at the socket PATH; auto makes one in $XDG_RUNTIME_DIR where stderr is "
     "a terminal, off makes none.",
     ending, Form::filled},

    {"", "listen", &S::listen, "", "", "HOST:PORT", "",
     "Serve the page of gentlify report, live, and /metrics for Prometheus at http://HOST:PORT; a "
     "bare PORT is of 127.0.0.1, and 0 is any that is free.",
     ending},

    {"", "journal", &S::journal, "", "", "FILE", "",
     "Write a record of what happens to each job into FILE, from which a run that was cut short, by "
     "whatever it was, can go on.",
     record},
    {"", "resume", &S::resume, "false", "false|true|content", "", "",
     "Go on with the run that the journal holds: the input must be the same, and jobs that are done do "
     "not run again; with --resume=content jobs are known by their items, whatever was added to the "
     "list or changed places in it.",
     record},
    {"", "resume_failed", &S::resume_failed, "false", "", "", "",
     "Go on with the run that the journal holds, and run jobs again that have failed for good.",
     record},
    {"", "repair", &S::repair, "false", "", "", "",
     "Go on with the run in a journal that is damaged: a copy of it is kept, and jobs whose records are "
     "lost run again.",
     record},
    {"", "journal_sync", &S::journal_sync, "100ms", "", "T", "",
     "Wait for the disk to have the journal after T, in the background, or always before anything "
     "follows from a record, or off, never.",
     record, Form::sync},
    {"", "journal_commands", &S::journal_commands, "false", "", "", "",
     "Write the commands of the jobs into the journal, which may hold secrets.",
     record},
    {"", "journal_output", &S::journal_output, "line", "line|none", "WHAT", "",
     "Write the last line of each job's stderr into the journal, 200 bytes at most, or nothing of it.",
     record},

    {"", "events", &S::events, "", "", "FILE", "",
     "Write the same records as they come into FILE, which is emptied first, or to the descriptor N "
     "that gentlify was given, where FILE is fd:N; a reader that goes away ends the run.",
     record},

    {"", "timeout", &S::timeout, "none", "none|1ms..365d", "T", "",
     "End an attempt that takes longer than T, as a stop of the run ends it; that is a failure.",
     jobs},
    {"", "dry_run", &S::dry_run, "false", "", "", "",
     "Print the command line of each job, as a shell reads it back, and run none.",
     jobs},
    {"", "workdir", &S::workdir, "", "", "DIR", "",
     "Run the jobs in the directory DIR; a relative name of a program is looked for there.",
     jobs},
    {"", "shell", &S::shell, "/bin/sh", "", "PATH", "",
     "Without COMMAND each item is a command line for PATH -c.",
     jobs, Form::filled},
    {"", "pass_fd", &S::pass_fd, "", "", "N", "",
     "Let the jobs have the descriptor N that gentlify was given, as for >&N or for make's jobserver; "
     "repeat the flag for several.",
     jobs, Form::descriptor},
    {"", "nice", &S::nice, "0", "0..19", "N", "",
     "Run the jobs at a niceness that is N higher than gentlify's own.",
     jobs},

    {"", "leftover", &S::leftover, "kill", "kill|wait|keep", "WHAT", "",
     "End processes that outlive their job, with TERM and 2s later KILL, or let the run wait for "
     "them, or leave them alone.",
     jobs},

    {"", "fleet", &S::fleet, "", "", "URL", "",
     "Share rate, concurrency limit, token budget and circuit with all runs that name the same URL, "
     "redis[s]://[user:password@]host[:port]/NAME, through a Redis server.",
     fleet},
    {"", "fleet_concurrency", &S::fleet_concurrency, "none", "none|1..1000000", "N", "",
     "Run at most N jobs at once in the whole fleet; --max-concurrency is each host's own limit.",
     fleet},
    {"", "fleet_jobs", &S::fleet_jobs, "none", "none|range|stream", "HOW", "",
     "Share the list of jobs, too: range has each host read the same list and run its part of it, "
     "stream takes jobs that gentlify push has put into the fleet.",
     fleet},
    {"", "fleet_strict", &S::fleet_strict, "false", "", "", "",
     "Stop the jobs that run, too, where the fleet cannot be reached for so long that their places "
     "are given to others.",
     fleet},
    {"", "fleet_on_outage", &S::fleet_on_outage, "wait", "", "WHAT", "",
     "Where the fleet cannot be reached wait for it, or go on, with local:N,RATE, with N jobs at "
     "once and RATE starts.",
     fleet},
    {"", "fleet_max_outage", &S::fleet_max_outage, "none", "none|1ms..365d", "T", "",
     "Drain the run, and exit 75, where the fleet cannot be reached for longer than T.",
     fleet},
    {"", "fleet_ttl", &S::fleet_ttl, "15s", "1s..1h", "T", "",
     "A host that is not heard of for T has lost its places in the fleet; a fleet that is new, or has "
     "lost its memory, starts nothing for as long.",
     fleet},
    {"", "fleet_reset", &S::fleet_reset, "false", "", "", "",
     "Give the fleet the shared limits of this run where it has others; hosts that have the old ones "
     "end.",
     fleet},

    {"", "on_event", &S::on_event, "", "", "CMD", "",
     "Run CMD, a command line for the shell, when something of note happens to the run: it finds "
     "records, as in the journal, on its standard input.",
     hooks},
    {"", "on_retry", &S::on_retry, "", "", "CMD", "",
     "Run CMD for each attempt that failed and is to be made again, with its record on standard "
     "input and the fields of its item as $1, $2 and so on.",
     hooks},
    {"", "fallback", &S::fallback, "", "", "CMD", "",
     "Run CMD when a job has failed for good, with the same input and arguments; where it exits 0 "
     "the job has succeeded after all.",
     hooks},
    {"", "hook_timeout", &S::hook_timeout, "10s", "none|1ms..365d", "T", "",
     "End a hook that takes longer than T, as a job is ended; a job whose fallback is ended so has "
     "failed.",
     hooks},

    {"", "halt", &S::halt, "never", "", "WHEN", "",
     "End the run when jobs fail for good: soon,fail=3 starts nothing more after the third, "
     "now,fail=10% stops what runs when a tenth of the completed jobs has failed.",
     ending},
    {"", "drain_timeout", &S::drain_timeout, "none", "none|1ms..365d", "T", "",
     "A run that was told to end, and waits for the jobs that run, stops them after T.",
     ending},
    {"", "kill_grace", &S::kill_grace, "5s", "0..365d", "T", "",
     "Jobs that are stopped get SIGTERM, and SIGKILL after T.",
     ending},
    {"", "export_settings", &S::export_settings, "false", "", "", "",
     "Leave gentlify's own variables in the environment of the jobs.",
     ending},
};

constexpr Alias aliases[] = {
    {"--retries", "retry.max_attempts", "", 1, "N", "0..999999",
     "Run a job again up to N times where it fails, as --retry-max-attempts N+1 says it.",
     retries},
    {"--overload-retries", "retry.overload", "", 0, "N", "0..1000000",
     "The same as --retry-overload.",
     retries},
    {"--token-budget", "token_budget.max", "", 0, "N/T", "",
     "The same as --token-budget-max N --token-budget-window T.",
     rates, "token_budget.window"},
    {"-u", "output", "inherit", 0, "", "",
     "The same as --output inherit.",
     output},
};
// clang-format on

}  // namespace

std::span<const Setting> settings_table() {
  return settings;
}

std::span<const Alias> alias_table() {
  return aliases;
}

}  // namespace gentlify
