#include "cli/steering.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "cli/control_path.h"
#include "cli/control_settings.h"
#include "cli/limit_check.h"
#include "cli/names.h"
#include "cli/status_text.h"
#include "cli/values.h"
#include "cli/version.h"
#include "lib/core/digest.h"
#include "lib/core/error.h"
#include "lib/core/json.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/record/run_state_json.h"

namespace gentlify {

namespace {

constexpr std::array<std::string_view, 3> keys = {"max_concurrency", "rate", "token_budget.max"};
constexpr std::string_view verbs =
    "status, top, pause, resume, set KEY VALUE, drain, stop and kill SEQ";
/// So much of a command is told, in columns.
constexpr std::size_t longest_command = 200;
constexpr Duration longest_pause = std::chrono::hours(24 * 365);
/// A client's table has no more rows.
constexpr std::uint64_t most_rows = 1000;

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ExitCode::usage, sentence);
}

/// It is meant well, and not possible as the run is.
[[noreturn]] void cannot(const std::string& sentence) {
  throw Error(ExitCode::failed_jobs, sentence);
}

void take_none(std::span<const std::string_view> words) {
  if (words.size() > 1) refuse(fmt::format("{} takes nothing after it", words.front()));
}

std::string command_of(const RunRequest& request) {
  std::string text;
  for (const std::string& word : request.command) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  if (text.empty()) text = "command lines for the shell";
  return clip(escape(without_passwords(text)), longest_command);
}

/// The process that signals are to be sent to.
pid_t run_pid() {
  return ::getppid();
}

}  // namespace

Steering::Steering(const Run& run) : run_(run), settings_(run.request.settings) {}

void Steering::listen(Host& host) {
  const std::string& wish = settings_.control;
  if (wish == "off") return;
  const auto listen_at = [&](const std::string& path) {
    socket_ = std::make_unique<ControlSocket>(
        host.io, host.watch, path, [this](std::string_view request) { return answer(request); });
  };
  if (wish != "auto") return listen_at(wish);
  if (!host.console.error_is_terminal() || control_directory().empty()) return;
  try {
    listen_at(default_control_path(run_pid()));
  } catch (const Error& error) {
    if (!settings_.quiet) host.console.say(error.what());
  }
}

control::Answer Steering::answer(std::string_view request) {
  try {
    return {ExitCode::ok, act(control::words_of(request))};
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
}

std::string Steering::act(const Words& words) {
  if (words.empty()) refuse(fmt::format("nothing is asked for; there is {}", verbs));
  const std::string_view verb = words.front();
  if (verb == "status") return status(words);
  if (verb == "jobs") return jobs(words);
  if (verb == "pause") return pause(words);
  if (verb == "set") return set(words);
  if (verb == "kill") return kill(words);
  if (verb == "resume" || verb == "drain" || verb == "stop") {
    take_none(words);
    return verb == "resume" ? resume() : end(verb == "stop");
  }
  refuse(fmt::format("{} is nothing that a run can do; there is {}", shown(verb), verbs));
}

std::string Steering::status(const Words& words) const {
  const bool json = words.size() == 2 && words[1] == "json";
  if (!json) take_none(words);
  run_.status.learn_total();
  const RunState state = run_.status.run_state(monotonic_now());
  const auto setting = [&](std::string_view key) {
    return text_of(settings_, settings_table()[*find_setting(key)]);
  };
  if (!json) {
    std::string text = fmt::format("pid {}, since {}: {}\n", run_pid(), human(state.elapsed),
                                   command_of(run_.request));
    text += describe(state) + '\n';
    text +=
        fmt::format("max_concurrency {}, rate {}\n", setting("max_concurrency"), setting("rate"));
    return text;
  }
  JsonObject limits;
  for (const std::string_view key : keys) limits.add(key, setting(key));
  JsonObject object;
  object.add("t", "status").add("version", version_text).add("run", hex(run_.id));
  object.add("pid", run_pid()).add("command", command_of(run_.request));
  object.add_raw("settings", limits.text());
  const std::string rest = to_json(state);
  std::string text = object.text();
  text.pop_back();
  return text + ',' + rest.substr(1) + '\n';
}

/// A line for each: number, attempt, slot, milliseconds, the last line of its output, its command.
std::string Steering::jobs(const Words& words) const {
  const auto rows = words.size() == 2 ? parse_number(words[1]) : std::optional<std::uint64_t>();
  if (!rows) refuse("jobs needs the number of rows that are wanted");
  const TimePoint now = monotonic_now();
  std::string text;
  std::uint64_t left = std::min(*rows, most_rows);
  for (const Scheduler::InFlight& one : run_.scheduler.in_flight_jobs()) {
    if (left-- == 0) break;
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - one.started);
    text += fmt::format(
        "{}\t{}\t{}\t{}\t{}\t{}\n", number(one.job.id), one.job.earlier_attempts + one.job.attempts,
        one.slot, age.count(), escape(without_passwords(run_.engine.last_line_of(one.job.id))),
        clip(escape(without_passwords(run_.command.describe(one.job))), longest_command));
  }
  return text;
}

std::string Steering::pause(const Words& words) {
  if (run_.scheduler.draining()) cannot("the run ends: nothing starts any more");
  if (words.size() > 2) refuse("pause takes how long, or nothing");
  const TimePoint now = monotonic_now();
  if (words.size() == 1) {
    run_.scheduler.pause(never, now);
    return "paused: nothing starts until gentlify ctl resume\n";
  }
  const auto time = parse_duration(words[1]);
  if (!time || *time <= Duration{} || *time > longest_pause) {
    refuse(fmt::format("pause {}: must be a duration such as 250ms, 30s, 2m or 1h, of 365d at most",
                       shown(words[1])));
  }
  const TimePoint until = later(now, *time);
  run_.scheduler.pause(until, now);
  // Of two pauses the longer one holds.
  const TimePoint end = run_.scheduler.paused_until();
  if (end == never)
    return "it is paused until gentlify ctl resume, which a time does not shorten\n";
  if (end > until) {
    return fmt::format("it is paused for {} already, which is longer\n", human(end - now));
  }
  return fmt::format("paused for {}\n", human(*time));
}

std::string Steering::resume() {
  const TimePoint now = monotonic_now();
  const bool was_paused = run_.scheduler.is_paused_by_hand(now);
  run_.scheduler.set_closed(Gate::pause, false, now);
  const TimePoint until = run_.scheduler.paused_until();
  if (until > now) {
    return fmt::format("the service has asked for a pause, of which {} are left\n",
                       human(until - now));
  }
  return was_paused ? "going on\n" : "it is not paused\n";
}

std::string Steering::set(const Words& words) {
  if (words.size() != 3)
    refuse(fmt::format("set takes a key and a value: {}", fmt::join(keys, ", ")));
  std::string key(words[1]);
  const auto flag = find_flag("--" + key);
  std::replace(key.begin(), key.end(), '-', '_');
  const auto row = find_setting(key) ? find_setting(key) : flag;
  const std::string name = row ? toml_name(settings_table()[*row]) : key;
  if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
    refuse(fmt::format("{} cannot be changed while the run goes; {} can", shown(words[1]),
                       fmt::join(keys, ", ")));
  }
  if (run_.scheduler.draining()) cannot("the run ends: nothing starts any more");
  const Setting& setting = settings_table()[*row];
  Settings wanted = settings_;
  const std::string allowed = assign(wanted, setting, words[2]);
  if (!allowed.empty()) refuse(fmt::format("{} {}: {}", name, shown(words[2]), allowed));
  const std::string value = text_of(wanted, setting);
  const event::Changed change{name, value};
  const TimePoint now = monotonic_now();
  if (name == "rate") {
    set_rate(wanted, change, now);
  } else if (name == "max_concurrency") {
    set_max_concurrency(wanted, change, now);
  } else {
    set_budget(wanted, change, now);
  }
  settings_ = std::move(wanted);
  tell_limits(settings_, run_.cores, run_.progress);
  return fmt::format("{} is {}\n", name, value);
}

void Steering::set_max_concurrency(const Settings& settings, const event::Changed& change,
                                   TimePoint now) {
  const int max = bounds_of(settings, run_.cores).max_concurrency;
  if (max == no_cap && !has_rate(settings)) {
    cannot("max_concurrency 0: without a cap there must be a rate, and this run has none");
  }
  if (max != no_cap && max > run_.most_jobs) {
    cannot(fmt::format("max_concurrency {}: there are descriptors for {} jobs at once", max,
                       run_.most_jobs));
  }
  run_.scheduler.set_max_concurrency(max, change, now);
}

void Steering::set_rate(const Settings& settings, const event::Changed& change, TimePoint now) {
  if (bounds_of(settings, run_.cores).max_concurrency == no_cap && !has_rate(settings)) {
    cannot("rate none: without a rate there must be a cap, and max_concurrency is 0");
  }
  run_.scheduler.set_rate(pacer_settings(settings), change, now);
}

void Steering::set_budget(const Settings& settings, const event::Changed& change, TimePoint now) {
  if (settings_.token_budget_max == 0) cannot("token_budget.max: this run has no budget");
  if (!settings_.fleet.empty()) {
    cannot("token_budget.max: it is the fleet's: gentlify ctl --fleet URL set token_budget.max N");
  }
  if (settings.token_budget_max == 0) cannot("token_budget.max: must not be 0");
  run_.scheduler.set_budget({settings.token_budget_max, settings.token_budget_window}, change, now);
}

std::string Steering::end(bool stop) {
  run_.engine.end_as_told(stop);
  const auto running = static_cast<unsigned>(run_.scheduler.running());
  return fmt::format("{}: {} left\n", stop ? "stopping" : "draining",
                     counted(running, "running job"));
}

std::string Steering::kill(const Words& words) {
  const auto seq = words.size() == 2 ? parse_number(words[1]) : std::optional<std::uint64_t>();
  if (!seq) refuse("kill needs the number of a running job, as gentlify ctl top shows it");
  if (!run_.engine.end_job(JobId{*seq})) cannot(fmt::format("job {} does not run", *seq));
  return fmt::format("job {} is told to end\n", *seq);
}

}  // namespace gentlify
