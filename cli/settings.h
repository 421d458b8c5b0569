// Every setting, once. The table in settings_table.cc is where a setting's name, default, range and
// help are written. Flags, TOML keys, environment variables, --help, --print-config, the manual and
// the completions are made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/control/halt.h"
#include "lib/core/exit_set.h"
#include "lib/core/rate.h"
#include "lib/core/time.h"

namespace gentlify {

/// A number of attempts in flight as it is written: `8`, `50%` of the cores, `+2` above the cores.
struct Concurrency {
  enum class Unit { absolute, percent_of_cores, above_cores };
  int value = 0;
  Unit unit = Unit::absolute;

  /// At least 1 and at most 1,000,000, but 0 where 0 was written.
  int resolve(int cores) const;
};

/// How often progress is told where there is no terminal: each so many percent, so often, or after
/// so many jobs. One of the three is not zero.
struct Milestones {
  int percent = 0;
  Duration period{};
  std::uint64_t jobs = 0;
};

/// What the user asked for. Members have no defaults here: the table has them.
struct Settings {
  std::string preset;  // none where it is empty

  // Concurrency
  Concurrency max_concurrency;
  int initial_concurrency = 0;  // 0: by the law
  int min_concurrency = 0;
  std::string controller;  // classic, aimd, fixed
  Duration min_dispatch_interval{};
  Duration max_dispatch_interval{};
  double jitter_fraction = 0;
  int failure_threshold = 0;
  Duration failure_window{};
  Duration cooling_period{};
  double safe_ceiling_decay_multiplier = 0;
  double min_rate = 0;  // starts a second
  double max_rate = 0;
  double increase_step = 0;
  double decrease_factor = 0;
  double cooldown_multiplier = 0;
  int circuit_breaker_consecutive_failures = 0;  // 0: off
  int circuit_breaker_half_open_max_calls = 0;
  Duration circuit_breaker_open_duration{};
  Duration circuit_breaker_max_open{};  // 0: no limit
  std::string circuit_breaker_on_open;  // wait, fail, abort

  // Rates
  Rate rate;
  std::string rate_mode;  // drip, burst, exact
  std::uint64_t burst = 0;
  std::string rate_unit;               // starts, cost
  std::uint64_t token_budget_max = 0;  // 0: none
  Duration token_budget_window{};      // 0: none
  std::uint64_t cost = 0;

  // Start gates of this machine
  double load = 0;             // 0: none
  double memory_pressure = 0;  // percent; 0: none

  // Outcome
  ExitSet success_exit;
  ExitSet overload_exit;
  ExitSet permanent_exit;
  std::string overload_match;
  std::string retry_after_match;
  std::string cost_match;

  // Retry
  int retry_max_attempts = 0;
  int retry_overload = 0;
  std::string retry_backoff;  // fixed, exponential, exponential_jitter
  Duration retry_base_delay{};
  Duration retry_max_delay{};
  std::string retry_slot;  // release, hold

  // Input
  std::vector<std::string> input;
  bool null = false;
  bool csv = false;
  bool tsv = false;
  std::string colsep;  // one byte; empty: none
  bool header = false;
  bool jsonl = false;
  bool allow_unknown = false;
  bool keep_empty = false;
  std::uint64_t max_items = 0;
  bool stdin_item = false;
  bool shuf = false;
  std::string not_done;   // empty: none
  std::string delimiter;  // one byte
  std::string replace;
  std::uint64_t max_line = 0;
  std::uint64_t total_tasks = 0;  // 0: not told

  // Output and progress
  std::string output;  // group, line, inherit, discard
  bool keep_order = false;
  bool tag = false;
  std::string tag_string;
  bool all_attempts = false;
  std::string results;             // empty: none
  std::string joblog;              // empty: none
  std::string junit;               // empty: none
  std::string summary;             // empty: none
  std::string summary_md;          // empty: none
  std::string metrics;             // empty: none
  std::vector<std::string> label;  // KEY=VALUE
  std::uint64_t spool_max = 0;
  std::string progress;  // auto, bar, milestones, json, none
  Milestones milestones;
  bool quiet = false;
  std::string control;  // a path, auto or off
  std::string listen;   // an address; empty: none
  std::string color;    // auto, always, never

  // Jobs
  bool dry_run = false;
  std::string workdir;  // empty: ours
  std::string shell;
  std::vector<std::string> pass_fd;  // numbers
  std::string leftover;              // kill, wait, keep
  int nice = 0;

  // Record
  std::string journal;  // empty: none
  std::string resume;   // false, true, content
  bool resume_failed = false;
  bool repair = false;
  std::string journal_sync;  // always, off, or a duration
  bool journal_commands = false;
  std::string journal_output;  // line, none
  std::string events;          // a file or fd:N; empty: none

  // Fleet
  std::string fleet;          // redis[s]://[user:password@]host[:port]/NAME; empty: none
  int fleet_concurrency = 0;  // 0: none
  std::string fleet_jobs;     // none, range, stream
  bool fleet_strict = false;
  std::string fleet_on_outage;  // wait, or local:N,RATE
  Duration fleet_max_outage{};  // 0: none
  Duration fleet_ttl{};
  bool fleet_reset = false;

  // Hooks: command lines; empty: none
  std::string on_event;
  std::string on_retry;
  std::string fallback;
  Duration hook_timeout{};  // 0: none

  // Ending
  HaltRule halt;
  Duration timeout{};        // 0: none
  Duration drain_timeout{};  // 0: none
  Duration kill_grace{};
  bool export_settings = false;
  bool report = false;
};

/// Where a setting's value was written.
struct Origin {
  enum class Kind { built_in, preset, file, environment, flag };
  Kind kind = Kind::built_in;
  /// "--jobs", "GENTLIFY_MAX_CONCURRENCY", "ci.toml:3:1", "preset github".
  std::string place;
};

/// A row of the table.
struct Setting {
  using Member = std::variant<bool Settings::*, int Settings::*, std::uint64_t Settings::*,
                              double Settings::*, Duration Settings::*, std::string Settings::*,
                              std::vector<std::string> Settings::*, Concurrency Settings::*,
                              Milestones Settings::*, ExitSet Settings::*, Rate Settings::*,
                              HaltRule Settings::*>;

  /// How a value is written where the type of the member does not tell.
  enum class Form {
    plain,
    size,           ///< a number of bytes: 64K, 1M, 2G
    byte,           ///< one byte or an escape for one
    filled,         ///< anything but nothing
    pattern,        ///< a regular expression
    value_pattern,  ///< a regular expression with a group
    label,          ///< KEY=VALUE, no KEY twice
    descriptor,     ///< the number of a descriptor, not a standard one
    sync,           ///< a duration, always or off
  };

  std::string_view section;  ///< of the TOML file; empty: top level
  std::string_view key;      ///< in TOML and, upper case, in the environment
  Member member;
  std::string_view fallback;  ///< the default, written as a user would
  /// "1..10000", "auto|1..10000" where `auto` is written for 0, or the choices: "group|inherit";
  /// empty: anything.
  std::string_view range;
  std::string_view metavar;  ///< of the flag's value in --help; empty for a switch
  std::string_view flags;    ///< further spellings: "-j, --jobs, -P"
  std::string_view help;     ///< one sentence
  std::string_view chapter;  ///< heading in --help and in the manual
  Form form = Form::plain;
};

/// A flag that writes settings in another way: `--retries N` is `--retry-max-attempts N+1`, `-u` is
/// `--output inherit`, and `--token-budget N/T` writes two.
struct Alias {
  std::string_view flag;
  std::string_view key;    ///< "retry.max_attempts"
  std::string_view value;  ///< what it writes; empty: the number given, with `added` added
  int added;
  std::string_view metavar;
  std::string_view range;
  std::string_view help;
  std::string_view chapter;
  /// Not empty: the value is a rate N/T; N is written to `key` and T to this one.
  std::string_view period_key = {};
};

std::span<const Setting> settings_table();
std::span<const Alias> alias_table();

}  // namespace gentlify
