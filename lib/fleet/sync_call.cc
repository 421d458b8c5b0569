#include "lib/fleet/sync_call.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace gentlify::fleet {

namespace {

using Microseconds = std::chrono::microseconds;

/// The script counts in doubles: whole numbers up to here are exact.
constexpr std::uint64_t most = std::uint64_t{1} << 53;

std::string text(std::uint64_t number) {
  return std::to_string(std::min(number, most));
}

std::string text(bool yes) {
  return yes ? "1" : "0";
}

template <typename Unit>
std::string rounded_up(Duration d) {
  return text(static_cast<std::uint64_t>(std::chrono::ceil<Unit>(std::max(d, Duration{})).count()));
}

/// Nothing: not a whole number from `least` up.
std::optional<std::int64_t> number(const Reply& item, std::int64_t least = 0) {
  if (item.kind != Reply::Kind::integer || item.integer < least) return std::nullopt;
  return item.integer;
}

/// Microseconds that a Duration cannot hold are cut.
Duration duration(std::int64_t us) {
  return Microseconds(std::min(us, std::chrono::floor<Microseconds>(Duration::max()).count()));
}

std::optional<SyncReply> ok_reply(std::span<const Reply> items) {
  constexpr std::size_t fields = 17;
  constexpr std::size_t state_left = 11;
  if (items.size() != fields) return std::nullopt;
  std::array<std::int64_t, fields> n{};
  for (std::size_t i = 0; i < fields; ++i) {
    const auto value = number(items[i], i == state_left ? -1 : 0);
    if (!value) return std::nullopt;
    n.at(i) = *value;
  }
  const auto state = static_cast<FleetState>(n[10]);
  if (n[10] > static_cast<std::int64_t>(FleetState::half_open)) return std::nullopt;
  const auto count = [&](std::size_t i) { return static_cast<std::uint64_t>(n.at(i)); };
  SyncReply reply;
  reply.now = duration(n[0]);
  reply.granted = count(1);
  reply.cap = count(2);
  reply.starts = count(3);
  reply.delay = duration(n[4]);
  reply.spacing = duration(n[5]);
  reply.retry = duration(n[6]);
  reply.limit = count(7);
  reply.rate.amount = count(8);
  if (n[8] > 0) reply.rate.period = duration(n[9]);
  reply.state = state;
  if (n[state_left] >= 0) reply.state_left = duration(n[state_left]);
  reply.generation = count(12);
  reply.hosts = count(13);
  reply.sum = count(14);
  reply.wanting = count(15);
  reply.probes = count(16);
  return reply;
}

}  // namespace

std::vector<std::string> sync_keys(const Address& address) {
  return {address.key("st"), address.key("hs"), address.key("ex")};
}

std::vector<std::string> arguments(const SyncRequest& r) {
  const double odds = std::clamp(std::round(r.odds * 1000), 0.0, 1e9);
  return {
      r.op == SyncRequest::Op::leave ? "leave" : "sync",
      r.host,
      text(r.seq),
      r.run_id,
      rounded_up<std::chrono::milliseconds>(r.ttl),
      r.config,
      text(r.reset),
      text(r.limit),
      text(r.rate.amount),
      rounded_up<Microseconds>(r.rate.period),
      text(r.burst),
      text(r.budget.amount),
      rounded_up<Microseconds>(r.budget.period),
      text(r.held),
      text(r.want),
      text(r.starts),
      text(r.rate_cost),
      text(r.budget_cost),
      text(r.generation),
      text(r.ok),
      text(r.overload),
      text(static_cast<std::uint64_t>(odds)),
      text(r.overrun),
      text(r.surplus),
      text(static_cast<std::uint64_t>(
          std::max<std::int64_t>(std::chrono::floor<Microseconds>(r.surplus_since).count(), 0))),
      text(r.opened),
      rounded_up<Microseconds>(r.open),
      text(static_cast<std::uint64_t>(std::max(r.probes, 1))),
      text(r.failed),
      rounded_up<Microseconds>(r.pause),
      text(r.adaptive),
      rounded_up<Microseconds>(r.told.value_or(Duration{})),
      rounded_up<Microseconds>(r.since),
  };
}

std::optional<SyncReply> parse_sync_reply(const Reply& reply) {
  const auto is_text = [](const Reply& item) {
    return item.kind == Reply::Kind::text || item.kind == Reply::Kind::status;
  };
  if (reply.kind != Reply::Kind::array || reply.items.empty() || !is_text(reply.items[0])) {
    return std::nullopt;
  }
  const std::string& status = reply.items[0].text;
  if (status == "ok") return ok_reply(std::span(reply.items).subspan(1));
  SyncReply other;
  if (status == "stale") {
    other.status = SyncReply::Status::stale;
    return other;
  }
  if (status != "config" || reply.items.size() < 2 || !is_text(reply.items[1])) return std::nullopt;
  other.status = SyncReply::Status::config;
  other.theirs = reply.items[1].text;
  return other;
}

}  // namespace gentlify::fleet
