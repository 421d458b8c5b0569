// A connection to an engine that does what a test says, and to a real one.
#include "lib/fleet/connection.h"

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "tests/fleet/client.h"
#include "tests/fleet/fake_server.h"
#include "tests/fleet/redis_server.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;
using fleet::ConnectionTimes;
using fleet::Reply;

namespace {

/// As that of the program.
struct Loop {
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
};

std::string url_of(std::uint16_t port, const std::string& credentials = "",
                   const std::string& host = "127.0.0.1") {
  return "redis://" + credentials + host + ":" + std::to_string(port) + "/test";
}

FakeServer::Answer always(const std::string& bytes) {
  return [bytes](const FakeServer::Command&) { return bytes; };
}

/// What a client is told that asks a server which answers so.
struct Outcome {
  std::optional<Reply> reply;
  std::string problem;
  bool is_refused = false;
};

Outcome outcome_of(const std::string& answer) {
  Loop loop;
  FakeServer server(loop.io, always(answer));
  Client client(loop.io, url_of(server.port()));
  client.open();
  Outcome outcome;
  outcome.reply = client.ask({"X"});
  if (outcome.reply) return outcome;
  client.until([&] { return client.closed > 0; });
  outcome.problem = client.problems.front();
  outcome.is_refused = client.connection.is_refused();
  CHECK_FALSE(client.connection.is_open());
  // It comes back.
  client.until([&] { return client.opened > 1; });
  return outcome;
}

constexpr fleet::Script doubling = {"return ARGV[1] * 2",
                                    "96b26102431a126f621a5266b1d35477d6106519"};

}  // namespace

TEST_CASE("commands are answered in their order, and never within the call") {
  Loop loop;
  RedisServer server;
  Client client(loop.io, url_of(server.port()));
  CHECK_FALSE(client.connection.is_open());
  client.open();
  CHECK(client.connection.is_open());
  CHECK(client.connection.run_id().size() == 40);
  std::vector<std::string> answers;
  for (int i = 0; i < 100; ++i) {
    client.connection.call({"ECHO", std::to_string(i)}, [&](const std::optional<Reply>& reply) {
      answers.push_back(reply ? reply->text : "lost");
    });
    CHECK(answers.empty());
  }
  client.until([&] { return answers.size() == 100; });
  for (int i = 0; i < 100; ++i) CHECK(answers[static_cast<std::size_t>(i)] == std::to_string(i));
  CHECK(client.closed == 0);
}

TEST_CASE("a host's name is looked up, and one without an address is a problem") {
  Loop loop;
  RedisServer server;
  Client client(loop.io, url_of(server.port(), "", "localhost"));
  client.open();
  CHECK(client.text({"PING"}) == "PONG");

  Client nowhere(loop.io, "redis://:secret@no-such-host.invalid/n");
  nowhere.connection.open();
  nowhere.until([&] { return nowhere.closed > 0; });
  CHECK(nowhere.problems.front().starts_with("the engine at no-such-host.invalid:6379 has no"));
}

TEST_CASE("an engine that is started again is found again, with another run_id") {
  Loop loop;
  RedisServer server;
  Client client(loop.io, url_of(server.port()));
  client.open();
  const std::string first = client.connection.run_id();
  std::optional<std::optional<Reply>> answer;
  client.connection.call({"BLPOP", "never", "0"},
                         [&](const std::optional<Reply>& reply) { answer = reply; });
  server.kill();
  client.until([&] { return client.closed > 0; });
  CHECK(answer.has_value());
  CHECK_FALSE(*answer);
  CHECK_FALSE(client.connection.is_open());
  server.start();
  client.until([&] { return client.opened == 2; });
  CHECK(client.connection.run_id() != first);
  CHECK(client.text({"PING"}) == "PONG");
}

TEST_CASE("nobody who listens is a problem each time, and then an engine there is found") {
  Loop loop;
  RedisServer server;
  server.kill();
  Client client(loop.io, url_of(server.port(), ":secret@"));
  client.connection.open();
  client.until([&] { return client.closed >= 3; });
  const std::string problem = client.problems.front();
  CHECK(problem == "the engine at 127.0.0.1:" + std::to_string(server.port()) +
                       " cannot be reached: Connection refused");
  CHECK_FALSE(client.connection.is_refused());
}

TEST_CASE("a password, or a user and a password, are given") {
  Loop loop;
  RedisServer server({"--requirepass", "s3cret /@:", "--user", "me", "on", ">mine", "~gt:{test}:*",
                      "+@all", "-flushall"});
  Client main_user(loop.io, url_of(server.port(), ":s3cret%20%2F%40%3A@"));
  main_user.open();
  CHECK(main_user.text({"ACL", "WHOAMI"}) == "default");
  Client other(loop.io, url_of(server.port(), "me:mine@"));
  other.open();
  CHECK(other.text({"ACL", "WHOAMI"}) == "me");
  CHECK(other.text({"SET", "gt:{test}:x", "1"}) == "OK");

  // What it may not do is a refusal: the rights are wrong, and will be so at the next try.
  CHECK_FALSE(other.ask({"SET", "elsewhere", "1"}));
  other.until([&] { return other.closed > 0; });
  CHECK(other.connection.is_refused());
  CHECK(other.problems.front().find("does not permit") != std::string::npos);
}

TEST_CASE("a wrong password and a missing one are refused, and the problem does not tell it") {
  Loop loop;
  RedisServer server({"--requirepass", "right"});
  for (const std::string credentials : {":swordfish@", "nobody:swordfish@", "swordfish@", ""}) {
    Client client(loop.io, url_of(server.port(), credentials));
    client.connection.open();
    client.until([&] { return client.closed > 0; });
    INFO(client.problems.front());
    CHECK(client.opened == 0);
    CHECK(client.connection.is_refused());
    CHECK(client.problems.front().find("swordfish") == std::string::npos);
    CHECK(client.problems.front().find("password") != std::string::npos);
  }
}

TEST_CASE("a password for a server that has none is refused") {
  Loop loop;
  RedisServer server;
  Client client(loop.io, url_of(server.port(), ":swordfish@"));
  client.connection.open();
  client.until([&] { return client.closed > 0; });
  CHECK(client.connection.is_refused());
  CHECK(client.problems.front().find("swordfish") == std::string::npos);
}

TEST_CASE("a script is sent once, and again when the engine has lost it") {
  Loop loop;
  RedisServer server;
  Client client(loop.io, url_of(server.port()));
  client.open();
  const auto twice = [&](int value) {
    std::optional<std::optional<Reply>> answer;
    client.connection.call(doubling, {}, {std::to_string(value)},
                           [&](const std::optional<Reply>& reply) { answer = reply; });
    client.until([&] { return answer.has_value(); });
    REQUIRE(*answer);
    INFO((*answer)->text);
    return (*answer)->integer;
  };
  CHECK(twice(4) == 8);
  CHECK(twice(5) == 10);
  CHECK(client.text({"SCRIPT", "FLUSH"}) == "OK");
  CHECK(twice(6) == 12);
  CHECK(client.text({"INFO", "commandstats"}).find("cmdstat_eval:calls=2,") != std::string::npos);
  CHECK(client.text({"INFO", "commandstats"}).find("cmdstat_evalsha:calls=3,") !=
        std::string::npos);
  CHECK(client.closed == 0);
}

TEST_CASE("an engine that never knows a script is believed the second time") {
  Loop loop;
  FakeServer server(loop.io, always("-NOSCRIPT No matching script\r\n"));
  Client client(loop.io, url_of(server.port()));
  client.open();
  std::optional<Reply> answer;
  client.connection.call(doubling, {"k"}, {"1"},
                         [&](const std::optional<Reply>& reply) { answer = reply; });
  client.until([&] { return answer.has_value(); });
  CHECK(answer->is_error());
  REQUIRE(server.commands().size() == 3);
  CHECK(server.commands()[1].front() == "EVALSHA");
  CHECK(server.commands()[2] ==
        FakeServer::Command{"EVAL", std::string(doubling.text), "1", "k", "1"});
}

TEST_CASE("an error reply that says that the engine cannot do its work loses the connection") {
  for (const std::string code : {"LOADING", "BUSY", "OOM", "READONLY", "MASTERDOWN", "CLUSTERDOWN",
                                 "TRYAGAIN", "ASK", "MISCONF", "NOREPLICAS"}) {
    INFO(code);
    const Outcome outcome = outcome_of("-" + code + " as they say\r\n");
    CHECK_FALSE(outcome.reply);
    CHECK_FALSE(outcome.is_refused);
    CHECK(outcome.problem.find("(" + code + " as they say)") != std::string::npos);
  }
}

TEST_CASE("an error reply about a password or a right is a refusal") {
  for (const std::string code : {"NOAUTH", "WRONGPASS", "NOPERM"}) {
    INFO(code);
    const Outcome outcome = outcome_of("-" + code + " as they say\r\n");
    CHECK_FALSE(outcome.reply);
    CHECK(outcome.is_refused);
  }
}

TEST_CASE("any other error reply is an answer") {
  const Outcome outcome = outcome_of("-ERR unknown command\r\n");
  REQUIRE(outcome.reply);
  CHECK(outcome.reply->is_error());
  CHECK(outcome.reply->text == "ERR unknown command");
}

TEST_CASE("garbage, too much, what was not asked for and half an answer lose the connection") {
  for (const std::string& answer :
       {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\0\0\0\0", 4),
        std::string("*4294967297\r\n"), std::string("$536870912\r\nxx"),
        std::string("+") + std::string(2'000'000, 'x'), std::string("$5\r\nab(hang up)"),
        std::string("(hang up)"), std::string("*2\r\n:1\r\n(hang up)")}) {
    INFO(answer.substr(0, 40));
    const Outcome outcome = outcome_of(answer);
    CHECK_FALSE(outcome.reply);
    CHECK_FALSE(outcome.problem.empty());
  }
  Loop loop;
  FakeServer server(loop.io, always("+OK\r\n+OK\r\n"));
  Client client(loop.io, url_of(server.port()));
  client.open();
  CHECK(client.text({"X"}) == "OK");
  client.until([&] { return client.closed > 0; });
  CHECK(client.problems.front().find("what it was not asked") != std::string::npos);
}

TEST_CASE("all that is under way is lost with the connection, in order, before it is told") {
  Loop loop;
  FakeServer server(loop.io, [](const FakeServer::Command& command) {
    return command.front() == "LAST" ? std::string("-LOADING\r\n") : std::string();
  });
  Client client(loop.io, url_of(server.port()));
  client.open();
  std::vector<std::string> lost;
  for (const std::string name : {"FIRST", "SECOND", "LAST"}) {
    client.connection.call({name}, [&, name](const std::optional<Reply>& reply) {
      CHECK_FALSE(reply);
      CHECK(client.closed == 0);
      lost.push_back(name);
    });
  }
  // The answer to LAST is the first one that comes, and taken for FIRST's.
  client.until([&] { return client.closed > 0; });
  CHECK(lost == std::vector<std::string>{"FIRST", "SECOND", "LAST"});
}

TEST_CASE("a reply may come one byte at a time") {
  Loop loop;
  FakeServer server(loop.io, always("*3\r\n:1\r\n$5\r\nhello\r\n*1\r\n+x\r\n"));
  server.trickle();
  Client client(loop.io, url_of(server.port()));
  client.open();
  const auto reply = client.ask({"X"});
  REQUIRE(reply);
  REQUIRE(reply->items.size() == 3);
  CHECK(reply->items[1].text == "hello");
}

TEST_CASE("a reply that does not come in time loses the connection and all that waits") {
  Loop loop;
  FakeServer server(loop.io, [](const FakeServer::Command& command) {
    return command.front() == "NOW" ? std::string("+OK\r\n") : std::string();
  });
  ConnectionTimes times = Client::quick();
  times.reply = 200ms;
  Client client(loop.io, url_of(server.port()), times);
  client.open();
  CHECK(client.text({"NOW"}) == "OK");
  int lost = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    client.connection.call({"NEVER"}, [&](const std::optional<Reply>& r) { lost += r ? 0 : 1; });
  }
  client.until([&] { return client.closed > 0; });
  CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
  CHECK(lost == 3);
  CHECK(client.problems.front().find("does not answer within 0.2s") != std::string::npos);
  client.until([&] { return client.opened > 1; });
}

TEST_CASE("a server that says nothing at all is given up, and tried again") {
  Loop loop;
  FakeServer server(loop.io, always(""));
  server.set_greeting("");
  ConnectionTimes times = Client::quick();
  times.reply = 50ms;
  Client client(loop.io, url_of(server.port()), times);
  client.connection.open();
  client.until([&] { return client.closed >= 2; });
  CHECK(client.opened == 0);
  CHECK(server.connections() >= 2);
}

TEST_CASE("what is no server for a fleet is a problem") {
  for (const std::string greeting :
       {"$5\r\nhello\r\n", "+OK\r\n", "$-1\r\n", "-ERR unknown command 'INFO'\r\n",
        "-NOPERM no permissions\r\n", "$12\r\nrun_id:12\r\n\r\n\r\n", "HTTP/1.1 400\r\n"}) {
    Loop loop;
    FakeServer server(loop.io, always("+OK\r\n"));
    server.set_greeting(greeting);
    Client client(loop.io, url_of(server.port()));
    client.connection.open();
    client.until([&] { return client.closed >= 1; });
    INFO(greeting);
    CHECK(client.opened == 0);
  }
}

TEST_CASE("MOVED is followed, and the first address asked again when that fails") {
  Loop loop;
  FakeServer second(loop.io, always("+second\r\n"));
  second.set_greeting(FakeServer::greeting(std::string(40, 'b')));
  const std::string moved = "-MOVED 3999 127.0.0.1:" + std::to_string(second.port()) + "\r\n";
  bool moves = true;
  FakeServer first(loop.io, [&](const FakeServer::Command&) {
    return moves ? moved : std::string("+first\r\n");
  });
  Client client(loop.io, url_of(first.port()));
  client.open();
  CHECK(client.connection.run_id() == std::string(40, 'a'));
  CHECK_FALSE(client.ask({"X"}));
  client.until([&] { return client.opened == 2; });
  CHECK(client.connection.run_id() == std::string(40, 'b'));
  CHECK(client.text({"X"}) == "second");

  moves = false;
  second.shut();
  client.until([&] { return client.opened == 3; });
  CHECK(client.connection.run_id() == std::string(40, 'a'));
  CHECK(client.text({"X"}) == "first");
}

TEST_CASE("MOVED without a host means the same one, and one to nowhere is a problem") {
  Loop loop;
  FakeServer second(loop.io, always("+second\r\n"));
  FakeServer first(loop.io, always("-MOVED 1 :" + std::to_string(second.port()) + "\r\n"));
  Client client(loop.io, url_of(first.port()));
  client.open();
  CHECK_FALSE(client.ask({"X"}));
  client.until([&] { return client.opened == 2; });
  CHECK(client.text({"X"}) == "second");

  const Outcome outcome = outcome_of("-MOVED 1 nowhere\r\n");
  CHECK_FALSE(outcome.reply);
}

TEST_CASE("an engine that does not read makes the connection fail, not memory grow") {
  Loop loop;
  FakeServer server(loop.io, always("+OK\r\n"));
  Client client(loop.io, url_of(server.port()));
  client.open();
  const std::string megabyte(1 << 20, 'x');
  int lost = 0;
  int called = 0;
  // The loop has no turn between: nothing is read, and what the sockets take has a bound.
  for (; client.connection.is_open() && called < 1000; ++called) {
    client.connection.call({"X", megabyte}, [&](const auto& reply) { lost += reply ? 0 : 1; });
  }
  CHECK(called < 1000);
  CHECK(lost == 0);
  client.until([&] { return client.closed > 0; });
  CHECK(lost == called);
  CHECK(client.problems.front().find("does not read") != std::string::npos);
}

TEST_CASE("without a connection a command is lost, but not within the call") {
  Loop loop;
  FakeServer server(loop.io, always("+OK\r\n"));
  Client client(loop.io, url_of(server.port()));
  bool told = false;
  client.connection.call({"X"}, [&](const std::optional<Reply>& reply) { told = !reply; });
  CHECK_FALSE(told);
  client.until([&] { return told; });
}

TEST_CASE("no handler is called after close or the end of the connection") {
  Loop loop;
  FakeServer server(loop.io, always("+OK\r\n"));
  int called = 0;
  int opened = 0;
  const auto count = [&](const std::optional<Reply>&) { ++called; };
  auto connection = std::make_unique<fleet::Connection>(
      loop.io, fleet::parse_address(url_of(server.port())),
      fleet::Connection::Listener{[&] { ++opened; }, [&](const std::string&) { ++called; }});
  connection->call({"X"}, count);
  connection->open();
  connection->close();
  connection->call({"X"}, count);
  connection->open();
  while (opened == 0) loop.io.run_one_for(1s);
  called = 0;  // the second call is told, the first one was closed away
  connection->call({"X"}, count);
  while (server.commands().size() < 2) loop.io.run_one_for(1s);
  connection->close();
  connection->call({"X"}, count);
  connection.reset();
  loop.io.run_for(100ms);
  CHECK(called == 0);
}

TEST_CASE("a connection may be ended by a handler of its own") {
  Loop loop;
  FakeServer server(loop.io, always("-LOADING\r\n"));
  int called = 0;
  int opened = 0;
  int closed = 0;
  auto connection = std::make_unique<fleet::Connection>(
      loop.io, fleet::parse_address(url_of(server.port())),
      fleet::Connection::Listener{[&] { ++opened; }, [&](const std::string&) { ++closed; }});
  connection->open();
  while (opened == 0) loop.io.run_one_for(1s);
  for (int i = 0; i < 3; ++i) {
    connection->call({"X"}, [&](const std::optional<Reply>&) {
      ++called;
      connection.reset();
    });
  }
  while (connection) loop.io.run_one_for(1s);
  loop.io.run_for(50ms);
  CHECK(called == 1);
  CHECK(closed == 0);
}

TEST_CASE("pauses between tries double up to the longest, with jitter") {
  Loop loop;
  FakeServer server(loop.io, always(""));
  server.set_greeting("-LOADING\r\n");
  const ConnectionTimes times{20s, 20s, 40ms, 160ms};
  std::vector<std::chrono::steady_clock::time_point> closed;
  fleet::Connection connection(
      loop.io, fleet::parse_address(url_of(server.port())),
      {[] {}, [&](const std::string&) { closed.push_back(std::chrono::steady_clock::now()); }},
      times);
  connection.open();
  while (closed.size() < 6) loop.io.run_one_for(1s);
  // No shorter than half of it, which no slow machine changes.
  const std::vector<std::chrono::milliseconds> least = {20ms, 40ms, 80ms, 80ms, 80ms};
  for (std::size_t i = 0; i < least.size(); ++i) CHECK(closed[i + 1] - closed[i] >= least[i]);
}
