// Looking at a fleet and steering it, on a real redis-server with a state as sync.lua keeps it.
#include "lib/fleet/steer.h"

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <sstream>

#include "lib/core/error.h"
#include "tests/fleet/client.h"
#include "tests/fleet/redis_server.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;
using fleet::Status;
using fleet::Steer;

namespace {

/// Its fields in their order, as a table of Lua.
std::string names_of(const std::string& table) {
  std::ifstream file(STATE_FIELDS);
  std::string names;
  for (std::string word, line; std::getline(file, line);) {
    std::istringstream words(line);
    words >> word;
    if (word != table + ':' && !word.starts_with(table + '(')) continue;
    while (words >> word) names += "'" + word + "',";
  }
  REQUIRE_FALSE(names.empty());
  return "{" + names + "}";
}

struct Engine {
  explicit Engine(std::vector<std::string> words = {})
      : server(std::move(words)),
        url("redis://127.0.0.1:" + std::to_string(server.port()) + "/test") {}

  Steer steer() const { return Steer(fleet::parse_address(url)); }

  /// Its state: `fields` is a table of Lua; two hosts, heard now and 20 s ago by the server's clock
  /// and the logical one, which stands at 1,000 s.
  void make(const std::string& fields) {
    Client client(io, url);
    client.open();
    const std::string script = "local S_names, h_names = " + names_of("S") + ", " + names_of("h") +
                               " local S = " + fields + R"(
      local function packed(names, values)
        local list = {}
        for i, name in ipairs(names) do list[i] = values[name] or 0 end
        return cmsgpack.pack(unpack(list))
      end
      local aaaa = {held = 3, seq = 9, expiry = 1015000000, wants = 1}
      local bbbb = {held = 4, seq = 9, expiry = 995000000}
      local t = redis.call('TIME')
      S.now, S.wall = 1000000000, t[1] * 1000000 + t[2]
      redis.call('HSET', KEYS[1], 'state', packed(S_names, S), 'config', '1', 'run_id', 'a')
      redis.call('HSET', KEYS[2], 'aaaa', '3 9 1015000000 ' .. packed(h_names, aaaa),
        'bbbb', '4 9 995000000 ' .. packed(h_names, bbbb))
      redis.call('ZADD', KEYS[3], 1015000000, 'aaaa', 995000000, 'bbbb')
      return 'made')";
    REQUIRE(client.text({"EVAL", script, "3", "gt:{test}:st", "gt:{test}:hs", "gt:{test}:ex"}) ==
            "made");
  }

  std::string field(const std::string& name) {
    Client client(io, url);
    client.open();
    return client.text({"HGET", "gt:{test}:st", name});
  }

  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  RedisServer server;
  std::string url;
};

template <class Act>
ExitCode code_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::ok;
}

constexpr const char* whole_state =
    "{sum = 7, wanting = 1, generation = 5, hosts = 2, warm = 0, pause = 0, circuit = 0, limit = "
    "8, "
    "rate_n = 10, rate_us = 1000000, budget_n = 100, budget_us = 60000000, ttl = 15000000}";

}  // namespace

TEST_CASE("the hosts of a fleet are told, and what is in force") {
  Engine engine;
  engine.make(whole_state);
  const Status status = engine.steer().status();
  CHECK(status.warm == 0s);
  CHECK(status.pause == Duration{});
  CHECK(status.circuit == Status::Circuit::closed);
  CHECK(status.ttl == 15s);
  CHECK(status.limit == 8);
  CHECK(status.rate.number == 10);
  CHECK(status.rate.time == 1s);
  CHECK(status.budget.number == 100);
  CHECK(status.budget.time == 60s);
  CHECK(status.held == 7);
  CHECK(status.generation == 5);
  CHECK(status.host_count == 2);
  REQUIRE(status.hosts.size() == 2);
  CHECK(status.hosts[0].id == "aaaa");
  CHECK(status.hosts[0].held == 3);
  CHECK(status.hosts[0].wants);
  CHECK(status.hosts[1].id == "bbbb");
  CHECK(status.hosts[1].held == 4);
  CHECK_FALSE(status.hosts[1].wants);
  CHECK(status.hosts[1].heard - status.hosts[0].heard == 20s);
}

TEST_CASE("all that a fleet waits for is told") {
  Engine engine;
  engine.make(
      "{ttl = 15000000, warm = 1060000000, pause = 1050000000, circuit = 1, "
      "circuit_until = 1040000000}");
  Status status = engine.steer().status();
  CHECK(status.warm <= 60s);
  CHECK(status.warm > 50s);
  REQUIRE(status.pause);
  CHECK(*status.pause <= 50s);
  CHECK(*status.pause > 40s);
  CHECK(status.circuit == Status::Circuit::open);
  CHECK(status.circuit_open <= 40s);
  CHECK(status.circuit_open > 30s);
  engine.make("{ttl = 15000000, circuit = 1, circuit_until = 5}");
  status = engine.steer().status();
  CHECK(status.warm == 0s);
  CHECK(status.pause == Duration{});
  CHECK(status.circuit == Status::Circuit::half_open);
}

TEST_CASE("a pause by hand lasts until its end, or until it is taken back; the longer one holds") {
  Engine engine;
  engine.make(whole_state);
  const Steer steer = engine.steer();
  CHECK_FALSE(steer.resume().was_paused);
  CHECK(steer.pause(100s) == 100s);
  const auto longer = steer.pause(1s);
  REQUIRE(longer);
  CHECK(*longer > 50s);
  CHECK(steer.status().pause > 50s);
  CHECK_FALSE(steer.pause(std::nullopt));
  CHECK(engine.field("pause_until") == "-1");
  CHECK_FALSE(steer.pause(1s));
  CHECK_FALSE(steer.status().pause);
  CHECK(steer.resume().was_paused);
  CHECK(steer.status().pause == Duration{});
  CHECK_FALSE(steer.resume().was_paused);
}

TEST_CASE("resuming tells of the pause that the service has asked for") {
  Engine engine;
  engine.make("{ttl = 15000000, pause = 1060000000}");
  const Steer::Resumed resumed = engine.steer().resume();
  CHECK_FALSE(resumed.was_paused);
  CHECK(resumed.asked > 50s);
}

TEST_CASE("limits are set by hand") {
  Engine engine;
  engine.make(whole_state);
  const Steer steer = engine.steer();
  steer.set({{"set_limit", 3}});
  steer.set({{"set_rate_n", 5}, {"set_rate_us", 2'000'000}});
  steer.set({{"set_budget_n", 50}});
  const Status status = steer.status();
  CHECK(status.set_limit == 3);
  CHECK(status.set_rate.number == 5);
  CHECK(status.set_rate.time == 2s);
  CHECK(status.set_budget == 50);
  CHECK(engine.field("set_limit") == "3");

  engine.make("{ttl = 15000000, limit = 8}");
  CHECK(code_of([&] { steer.set({{"set_budget_n", 50}}); }) == ExitCode::failed_jobs);
}

TEST_CASE("a rate is not set where no host would ask for its starts") {
  Engine engine;
  engine.make("{ttl = 15000000, limit = 8}");
  const auto set = [&] { engine.steer().set({{"set_rate_n", 5}, {"set_rate_us", 1'000'000}}); };
  CHECK(code_of(set) == ExitCode::failed_jobs);
  CHECK(engine.field("set_rate_n").empty());
}

TEST_CASE("no such fleet, nobody who answers and a refusal are told apart") {
  Engine engine;
  CHECK(code_of([&] { engine.steer().status(); }) == ExitCode::no_input);
  CHECK(code_of([&] { engine.steer().pause(1s); }) == ExitCode::no_input);
  CHECK(engine.field("pause_until").empty());
  engine.server.kill();
  const Steer brief(fleet::parse_address(engine.url), 300ms);
  CHECK(code_of([&] { brief.status(); }) == ExitCode::unavailable);

  Engine guarded({"--requirepass", "right"});
  CHECK(code_of([&] { guarded.steer().status(); }) == ExitCode::no_permission);
}
