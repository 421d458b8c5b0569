#include "cli/commands/ctl_fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/json.h"
#include "lib/core/text.h"
#include "lib/fleet/steer.h"

namespace gentlify {

namespace {

using fleet::Quota;
using fleet::Status;
using fleet::Steer;
using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 3> keys = {"fleet_concurrency", "rate", "token_budget.max"};
constexpr Duration longest_pause = std::chrono::hours(24 * 365);
/// What stands for none, since 0 means as configured: so much that nothing waits for it.
constexpr std::uint64_t no_limit = 1'000'000;
constexpr std::uint64_t no_rate = 1'000'000'000;

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ExitCode::usage, sentence);
}

void take_none(const Words& words) {
  if (words.size() > 1) refuse(fmt::format("{} takes nothing after it", words.front()));
}

std::string show(const Quota& quota, std::uint64_t none) {
  if (quota.number == 0 || quota.number >= none) return "none";
  return to_text(Rate{quota.number, quota.time});
}

std::string show_limit(std::uint64_t limit) {
  return limit == 0 || limit >= no_limit ? "none" : std::to_string(limit);
}

std::string_view name_of(Status::Circuit circuit) {
  switch (circuit) {
    case Status::Circuit::closed: return "closed";
    case Status::Circuit::open: return "open";
    case Status::Circuit::half_open: return "half-open";
  }
  return {};
}

/// All that it waits for; "going" where that is nothing.
std::string state_text(const Status& status) {
  std::vector<std::string> parts;
  if (status.warm > Duration{}) {
    parts.push_back(fmt::format("warming up for {} more", human(status.warm)));
  }
  if (!status.pause) {
    parts.emplace_back("paused until it is resumed");
  } else if (*status.pause > Duration{}) {
    parts.push_back(fmt::format("paused for {} more", human(*status.pause)));
  }
  if (status.circuit == Status::Circuit::open) {
    parts.push_back(fmt::format("circuit open for {} more", human(status.circuit_open)));
  } else if (status.circuit == Status::Circuit::half_open) {
    parts.emplace_back("circuit half-open");
  }
  if (parts.empty()) return "going";
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The limit in force, and what was set by hand.
std::string with_hand(const std::string& now, bool is_set, const std::string& set) {
  if (!is_set) return now;
  if (now == set) return fmt::format("{} (set by hand)", set);
  return fmt::format("{} ({} set by hand)", now, set);
}

std::string budget_text(const Status& status) {
  if (status.budget.number == 0) return "none";
  return with_hand(std::to_string(status.budget.number), status.set_budget > 0,
                   std::to_string(status.set_budget)) +
         " per " + to_text(status.budget.time);
}

bool is_gone(const Status& status, const Status::Host& host) {
  return host.heard > status.ttl;
}

std::string to_lines(const std::string& name, const Status& status) {
  std::string text = fmt::format("fleet {}: {}\n", name, state_text(status));
  text += fmt::format("{} held by {}\n", counted(status.held, "slot"),
                      counted(status.host_count, "host"));
  text += fmt::format(
      "fleet_concurrency {}, rate {}, token_budget.max {}\n",
      with_hand(show_limit(status.limit), status.set_limit > 0, show_limit(status.set_limit)),
      with_hand(show(status.rate, no_rate), status.set_rate.number > 0,
                show(status.set_rate, no_rate)),
      budget_text(status));
  if (!status.hosts.empty()) text += "            HOST     HELD  WANTS  LAST HEARD\n";
  for (const Status::Host& host : status.hosts) {
    text += fmt::format("{:>16} {:>8}  {:<5}  {} ago{}\n", escape(host.id), host.held,
                        host.wants ? "more" : "-", human(host.heard),
                        is_gone(status, host) ? ", gone" : "");
  }
  if (status.host_count > status.hosts.size()) {
    text += fmt::format("and {} more\n", status.host_count - status.hosts.size());
  }
  return text;
}

std::string json_of(const Quota& quota, std::uint64_t none) {
  if (quota.number == 0 || quota.number >= none) return "null";
  return JsonObject().add("amount", quota.number).add("period_s", seconds(quota.time)).text();
}

std::string json_of(std::uint64_t number, std::uint64_t none) {
  return number == 0 || number >= none ? "null" : std::to_string(number);
}

std::string to_json(const std::string& name, const Status& status) {
  std::string hosts;
  for (const Status::Host& host : status.hosts) {
    JsonObject object;
    object.add("id", host.id).add("held", host.held).add("wants", host.wants);
    object.add("heard_s", seconds(host.heard)).add("gone", is_gone(status, host));
    if (!hosts.empty()) hosts += ',';
    hosts += object.text();
  }
  JsonObject set;
  set.add_raw("fleet_concurrency", json_of(status.set_limit, no_limit + 1));
  set.add_raw("rate", json_of(status.set_rate, no_rate + 1));
  set.add_raw("token_budget.max", json_of(status.set_budget, no_rate));
  JsonObject object;
  object.add("t", "fleet").add("fleet", name).add("warm_s", seconds(status.warm));
  object.add("paused", !status.pause || *status.pause > Duration{});
  object.add_raw("pause_left_s",
                 status.pause ? fmt::format("{:.3f}", seconds(*status.pause)) : "null");
  object.add("circuit", name_of(status.circuit));
  object.add("circuit_left_s", seconds(status.circuit_open));
  object.add_raw("fleet_concurrency", json_of(status.limit, no_limit));
  object.add_raw("rate", json_of(status.rate, no_rate));
  object.add_raw("token_budget", json_of(status.budget, no_rate));
  object.add_raw("set", set.text()).add("held", status.held);
  object.add("generation", status.generation).add("ttl_s", seconds(status.ttl));
  object.add("host_count", status.host_count).add_raw("hosts", fmt::format("[{}]", hosts));
  return object.text() + '\n';
}

std::string pause(const Steer& steer, const Words& words) {
  if (words.size() > 2) refuse("pause takes how long, or nothing");
  std::optional<Duration> time;
  if (words.size() == 2) {
    time = parse_duration(words[1]);
    if (!time || *time <= Duration{} || *time > longest_pause) {
      refuse(
          fmt::format("pause {}: must be a duration such as 250ms, 30s, 2m or 1h, of 365d at most",
                      shown(words[1])));
    }
  }
  const auto left = steer.pause(time);
  if (!time) return "paused: nothing starts in the fleet until it is resumed\n";
  if (!left) return "it is paused until it is resumed, which a time does not shorten\n";
  if (*left > *time + std::chrono::milliseconds(1)) {
    return fmt::format("it is paused for {} already, which is longer\n", human(*left));
  }
  return fmt::format("paused for {}\n", human(*time));
}

std::string resume(const Steer& steer, const Words& words) {
  take_none(words);
  const Steer::Resumed resumed = steer.resume();
  if (resumed.asked > Duration{}) {
    return fmt::format("the service has asked for a pause, of which {} are left\n",
                       human(resumed.asked));
  }
  return resumed.was_paused ? "going on\n" : "it is not paused\n";
}

/// A period of whole microseconds.
std::uint64_t to_us(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::microseconds>(time).count());
}

std::string set(const Steer& steer, const Words& words, Settings settings) {
  if (words.size() != 3) {
    refuse(fmt::format("set takes a key and a value: {}", fmt::join(keys, ", ")));
  }
  std::string key = words[1];
  const auto flag = find_flag("--" + key);
  std::replace(key.begin(), key.end(), '-', '_');
  const auto row = find_setting(key) ? find_setting(key) : flag;
  const std::string name = row ? toml_name(settings_table()[*row]) : key;
  if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
    refuse(fmt::format("{} cannot be changed in a fleet; {} can", shown(words[1]),
                       fmt::join(keys, ", ")));
  }
  const Setting& setting = settings_table()[*row];
  const std::string allowed = assign(settings, setting, words[2]);
  if (!allowed.empty()) refuse(fmt::format("{} {}: {}", name, shown(words[2]), allowed));
  if (name == "fleet_concurrency") {
    const auto limit = static_cast<std::uint64_t>(settings.fleet_concurrency);
    steer.set({{"set_limit", limit == 0 ? no_limit : limit}});
  } else if (name == "rate") {
    const Rate rate = settings.rate;
    const bool is_none = rate.amount == 0;
    steer.set({{"set_rate_n", is_none ? no_rate : static_cast<std::uint64_t>(rate.amount)},
               {"set_rate_us", is_none ? 1'000'000 : to_us(rate.period)}});
  } else {
    if (settings.token_budget_max == 0) {
      throw Error(ExitCode::failed_jobs, "token_budget.max: must not be 0");
    }
    steer.set({{"set_budget_n", static_cast<std::uint64_t>(settings.token_budget_max)}});
  }
  return fmt::format("{} is {}\n", name, text_of(settings, setting));
}

}  // namespace

std::string ctl_fleet(const Settings& settings, const std::vector<std::string>& words, bool json) {
  const fleet::Address address = fleet::parse_address(settings.fleet);
  const Steer steer(address);
  const std::string& verb = words.front();
  if (verb == "status") {
    take_none(words);
    return json ? to_json(address.name, steer.status()) : to_lines(address.name, steer.status());
  }
  if (verb == "pause") return pause(steer, words);
  if (verb == "resume") return resume(steer, words);
  if (verb == "set") return set(steer, words, settings);
  refuse(
      fmt::format("{} is nothing that a fleet can do; there is status, pause, resume and set KEY "
                  "VALUE",
                  shown(verb)));
}

}  // namespace gentlify
