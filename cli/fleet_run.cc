#include "cli/fleet_run.h"

#include <fmt/format.h>

#include "cli/control_settings.h"
#include "cli/values.h"
#include "lib/core/digest.h"
#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/guardian.h"

namespace gentlify {

namespace {

constexpr Duration longest_join = std::chrono::seconds(10);
/// To say that we leave.
constexpr Duration patience = std::chrono::milliseconds(300);
/// To give the jobs back that we have not run, and to tell of the last ends.
constexpr Duration list_patience = std::chrono::seconds(2);

Permits::Limits shared_limits(const Settings& s) {
  Permits::Limits limits;
  limits.rate = pacer_settings(s);
  if (s.token_budget_max > 0) limits.budget = Rate{s.token_budget_max, s.token_budget_window};
  return limits;
}

/// Of all that the hosts of a fleet must agree on.
std::string config_digest(const Settings& s) {
  const std::string text =
      fmt::format("1 {} {} {} {} {} {} {} {} {}", s.fleet_concurrency, s.rate.amount,
                  s.rate.period.count(), s.rate_mode, s.burst, s.rate_unit, s.token_budget_max,
                  s.token_budget_window.count(), s.fleet_ttl.count());
  return fmt::format("{:016x}", digest(text));
}

}  // namespace

std::optional<fleet::Member::Alone> parse_outage(std::string_view text) {
  if (text == "wait") return {};
  constexpr std::string_view local = "local:";
  const std::size_t comma = text.find(',');
  if (text.starts_with(local) && comma != std::string_view::npos) {
    const auto slots = parse_number(text.substr(local.size(), comma - local.size()));
    const auto rate = parse_rate(text.substr(comma + 1));
    if (slots && *slots >= 1 && *slots <= 1'000'000 && rate && rate->amount > 0) {
      fleet::Member::Alone alone;
      alone.slots = static_cast<int>(*slots);
      alone.rate.rate = *rate;
      return alone;
    }
  }
  throw Error(ExitCode::usage,
              "must be wait, or local:N,RATE with jobs at once and starts, such as local:2,5/s");
}

FleetRun::FleetRun(const Settings& settings) : settings_(settings) {
  if (settings.fleet.empty()) return;
  address_ = fleet::parse_address(settings.fleet);
  permits_.emplace(shared_limits(settings));
}

void FleetRun::join(const Plan& plan, Host& host, Engine& engine, const Scheduler& scheduler,
                    Broadcast& listeners) {
  if (!address_) return;
  const Settings& s = settings_;
  fleet::Member::Settings member;
  member.name = address_->name;
  member.host = plan.fleet_host;
  member.config = config_digest(s);
  member.reset = s.fleet_reset;
  member.ttl = s.fleet_ttl;
  member.limit = s.fleet_concurrency;
  member.probes = s.circuit_breaker_half_open_max_calls;
  member.adaptive = s.controller != "fixed";
  member.strict = s.fleet_strict;
  member.alone = parse_outage(s.fleet_on_outage);
  member_.emplace(member, scheduler, *permits_, listeners);
  listeners.add(*member_);
  list_ = plan.list.get();
  if (list_ != nullptr) listeners.add(*list_);
  fleet::Fleet::Run run;
  run.now = monotonic_now;
  run.stopped = stopped_time;
  run.stop_for_now = [&engine](Duration grace) { engine.stop_for_now(grace); };
  run.withdraw = [&engine](JobId job) { engine.withdraw(job); };
  run.end = [&engine] { engine.end_for_want(); };
  run.set_fence = [](TimePoint deadline) {
    if (deadline == never) return set_fence({});
    set_fence(std::chrono::steady_clock::time_point(deadline.time_since_epoch()));
  };
  fleet_.emplace(host.io, *address_,
                 fleet::Fleet::Settings{s.fleet_strict, s.fleet_max_outage, s.fleet_ttl}, *member_,
                 *permits_, list_, std::move(run));
  engine.turn_to(*fleet_);
  fleet_->open();
  const TimePoint end = later(monotonic_now(), longest_join);
  bool told = s.quiet;
  while (!fleet_->is_settled() && !engine.is_ending()) {
    const TimePoint now = monotonic_now();
    if (now >= end) give_up();
    if (!told && !member_->problem().empty()) {
      told = true;
      host.console.say(fmt::format("fleet {}: {}; trying for {}", address_->name,
                                   member_->problem(), human(longest_join)));
      host.console.flush();
    }
    fleet_->after_starts(now);
    host.io.run_one_until(to_steady(std::min(end, fleet_->next())));
  }
  if (!member_->other_config().empty()) {
    const Ending ending = other_limits();
    throw Error(ending.code, ending.error);
  }
  if (fleet_->is_refused()) {
    throw Error(ExitCode::no_permission,
                fmt::format("--fleet {}: {}", without_passwords(s.fleet), member_->problem()));
  }
}

void FleetRun::give_up() const {
  throw Error(ExitCode::unavailable,
              fmt::format("--fleet {}: nobody answers: {}", without_passwords(settings_.fleet),
                          member_->problem()));
}

Ending FleetRun::other_limits() const {
  return {ExitCode::bad_config, 0,
          fmt::format("--fleet {}: the fleet has other limits than this run (--fleet-concurrency, "
                      "--rate, --token-budget, --fleet-ttl and how they are meant): give all its "
                      "hosts the same ones, or --fleet-reset, which ends those that have others",
                      without_passwords(settings_.fleet))};
}

void FleetRun::leave(Host& host) {
  if (!fleet_) return;
  fleet_->leave();
  const TimePoint end = later(monotonic_now(), list_ != nullptr ? list_patience : patience);
  for (TimePoint now = monotonic_now(); now < end; now = monotonic_now()) {
    fleet_->after_starts(now);
    if (fleet_->is_gone()) return;
    host.io.run_one_until(to_steady(std::min(end, fleet_->next())));
  }
}

std::optional<Ending> FleetRun::ending(bool unfinished) const {
  if (!fleet_) return {};
  // That nothing is left may be because it is another list.
  if (list_ != nullptr && list_->problem().code != ExitCode::ok) {
    return Ending{list_->problem().code, 0, list_->problem().sentence};
  }
  if (!unfinished) return {};
  if (!member_->other_config().empty()) return other_limits();
  if (!fleet_->is_given_up()) return {};
  return Ending{ExitCode::try_later, 0,
                fmt::format("--fleet {}: it has been away for {}: {}; try again later",
                            without_passwords(settings_.fleet), human(settings_.fleet_max_outage),
                            member_->problem())};
}

}  // namespace gentlify
