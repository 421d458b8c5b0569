#include "tests/fleet/sync_fleet.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "lib/fleet/scripts.h"

namespace gentlify::test {

namespace {

/// The script with a clock of the test's own: two fields of the key "clock".
std::string script_with_a_clock() {
  std::string script(fleet::sync_script.text);
  const std::string clock = "redis.call('TIME')";
  const std::size_t at = script.find(clock);
  if (at == std::string::npos) throw std::runtime_error("sync.lua does not ask for the time");
  script.replace(at, clock.size(), "redis.call('HMGET', 'clock', 's', 'us')");
  return script;
}

}  // namespace

RedisServer& shared_server() {
  static RedisServer server;
  return server;
}

SyncFleet::SyncFleet(FleetLimits limits, RedisServer& server)
    : limits_(limits), client_(server.port()), run_id_(client_.run_id()) {
  static int fleets = 0;
  address_.name = "fleet" + std::to_string(++fleets);
  sha_ = client_.call({"SCRIPT", "LOAD", script_with_a_clock()}).text;
}

Host SyncFleet::host() {
  Host host;
  char id[17];
  std::snprintf(id, sizeof id, "%016x", static_cast<unsigned>(++hosts_));
  host.next.host = id;
  host.next.run_id = run_id_;
  host.next.ttl = ttl;
  host.next.config = "0123456789abcdef";
  host.next.limit = limits_.limit;
  host.next.rate = limits_.rate;
  host.next.burst = limits_.burst;
  host.next.budget = limits_.budget;
  return host;
}

fleet::Reply SyncFleet::send(const fleet::SyncRequest& request) {
  using std::chrono::microseconds;
  using std::chrono::seconds;
  const auto s = std::chrono::floor<seconds>(server_);
  const auto us = std::chrono::floor<microseconds>(server_ - s);
  client_.call({"HSET", "clock", "s", std::to_string(s.count()), "us", std::to_string(us.count())});
  std::vector<std::string> words = {"EVALSHA", sha_, "3"};
  for (std::string& key : fleet::sync_keys(address_)) words.push_back(std::move(key));
  for (std::string& word : fleet::arguments(request)) words.push_back(std::move(word));
  fleet::Reply reply = client_.call(words);
  if (reply.is_error()) throw std::runtime_error(reply.text);
  return reply;
}

std::optional<fleet::SyncReply> SyncFleet::try_call(Host& host) {
  ++host.next.seq;
  host.next.since = true_ - host.asked;
  return fleet::parse_sync_reply(send(host.next));
}

fleet::SyncReply SyncFleet::call(Host& host) {
  const auto reply = try_call(host);
  if (!reply || reply->status != fleet::SyncReply::Status::ok) {
    throw std::runtime_error("SYNC was not answered");
  }
  host.next.told = reply->now;
  host.asked = true_;
  host.next.generation = reply->generation;
  host.next.held += reply->granted;
  return *reply;
}

void SyncFleet::warm_up() {
  Host first = host();
  call(first);
  for (Duration waited{}; waited < ttl; waited += ttl / 3) {
    pass(ttl / 3);
    call(first);
  }
  first.next.op = fleet::SyncRequest::Op::leave;
  call(first);
}

}  // namespace gentlify::test
