// A list of jobs that are pushed into a real server.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "lib/control/random.h"
#include "lib/engine/input/pushed_source.h"
#include "lib/fleet/job_stream.h"
#include "tests/fleet/list_client.h"
#include "tests/fleet/redis_server.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using fleet::JobStream;
using fleet::Reply;
using std::chrono::milliseconds;

namespace {

constexpr Duration ttl = std::chrono::seconds(15);

TimePoint at(int ms) {
  return TimePoint(milliseconds(1'000'000 + ms));
}

struct Machine {
  explicit Machine(std::string host, int jobs = 2)
      : name(std::move(host)), list(JobStream::Settings{name, "mode", jobs, ttl}), source(list) {}

  void end(const Job& job, Fate fate, TimePoint now) {
    const Outcome outcome;
    list.on_event(event::Ended{job, outcome, Duration{}, fate, 0}, now);
  }

  std::string name;
  JobStream list;
  PushedSource source;
};

class Fleet {
 public:
  explicit Fleet(std::vector<std::string> words = {}) : server(std::move(words)) { connect(); }

  void connect() {
    client_ = std::make_unique<ListClient>(server.port());
    const std::string info = client_->command({"INFO", "server"}).text;
    run_id = info.substr(info.find("run_id:") + 7, 40);
  }
  ListClient& client() { return *client_; }

  Reply push(std::vector<std::string> items, bool end = false, const std::string& who = "x") {
    static constexpr std::array<std::string_view, 3> keys = {"jobs", "jn", "jm"};
    std::vector<std::string> args = {who, std::to_string(++calls_[who]), end ? "1" : "0", run_id};
    args.insert(args.end(), items.begin(), items.end());
    return client_->call(fleet::push_script, keys, args);
  }
  void repeat_push(const std::string& who = "x") { --calls_[who]; }

  void tick(TimePoint now) {
    static const std::string script =
        "return redis.call('HSET', KEYS[1], 'state', cmsgpack.pack(tonumber(ARGV[1])))";
    client_->command({"EVAL", script, "1", "gt:{t}:st", std::to_string(micros(now))});
  }
  void sync(const std::string& host, TimePoint now) {
    tick(now);
    client_->command({"ZADD", "gt:{t}:ex", std::to_string(micros(now + ttl)), host});
  }
  Reply call(const JobStream& list, const std::vector<std::string>& args) {
    Reply reply = client_->call(list.script(), list.keys(), args);
    INFO(reply.text);
    REQUIRE_FALSE(reply.is_error());
    return reply;
  }
  void talk(Machine& machine, TimePoint now) {
    machine.list.on_open(run_id);
    if (const auto args = machine.list.next_call(now)) {
      machine.list.on_reply(call(machine.list, *args), now);
    }
  }
  /// Asks for a job, talks, and gives it, or what came instead.
  std::string take(Machine& machine, int ms, Job& job) {
    for (int i = 0; i < 20; ++i, ms += 300) {
      sync(machine.name, at(ms));
      const auto read = machine.source.next(job);
      if (read == Source::Read::end) return "end";
      if (read == Source::Read::item) return std::to_string(number(job.id)) + job.item;
      talk(machine, at(ms));
    }
    return "wait";
  }

  RedisServer server;
  std::string run_id;

 private:
  static std::int64_t micros(TimePoint now) {
    return std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  }

  std::map<std::string, int> calls_;
  std::unique_ptr<ListClient> client_;
};

}  // namespace

TEST_CASE(
    "jobs come in the order in which they were pushed, and the list ends when it was said to") {
  Fleet fleet;
  CHECK(fleet.push({"a", "b"}).integer == 2);
  CHECK(fleet.push({"c"}).integer == 3);
  Machine machine("aa");
  Job job;
  for (const char* item : {"1a", "2b", "3c"}) {
    CHECK(fleet.take(machine, 0, job) == item);
    machine.end(job, Fate::done, at(0));
  }
  CHECK(fleet.take(machine, 10'000, job) == "wait");
  CHECK(fleet.push({"d"}, true).integer == 4);
  CHECK(fleet.take(machine, 20'000, job) == "4d");
  machine.end(job, Fate::failed, at(20'000));
  CHECK(fleet.take(machine, 21'000, job) == "end");
  CHECK(machine.list.done() == 4);
  CHECK(fleet.push({"e"}).is_error());
}

TEST_CASE("a push whose reply was lost is made again, and counts once") {
  Fleet fleet;
  CHECK(fleet.push({"a"}).integer == 1);
  fleet.repeat_push();
  CHECK(fleet.push({"a"}).integer == 1);
  CHECK(fleet.push({"a"}, false, "y").integer == 2);
}

TEST_CASE("a reply that was lost loses no job, and a call that comes twice gives none twice") {
  Fleet fleet;
  fleet.push({"a", "b", "c", "d", "e", "f"}, true);
  Machine machine("aa");
  Job job;
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(0));
  machine.list.on_open(fleet.run_id);
  const auto args = machine.list.next_call(at(0));
  REQUIRE(args);
  fleet.call(machine.list, *args);
  fleet.call(machine.list, *args);
  machine.list.on_lost(at(0));
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 6; ++i) {
    REQUIRE(fleet.take(machine, 1000 + i * 1000, job) != "wait");
    CHECK(seen.insert(number(job.id)).second);
    machine.end(job, Fate::done, at(1000));
  }
  CHECK(fleet.take(machine, 10'000, job) == "end");
}

TEST_CASE("the jobs of a dead host go to another one, those of a host that has left at once") {
  Fleet fleet;
  fleet.push({"a", "b"}, true);
  const bool leaves = GENERATE(false, true);
  Machine one("aa");
  Machine two("bb");
  Job job;
  CHECK(fleet.take(one, 0, job) == "1a");
  CHECK(fleet.take(two, 0, job) == "wait");
  if (leaves) {
    one.list.leave();
    while (!one.list.has_left()) fleet.talk(one, one.list.next());
  }
  const int later = leaves ? 7000 : 16'000;
  CHECK(fleet.take(two, later, job) == "1a");
  two.end(job, Fate::done, at(later));
  CHECK(fleet.take(two, later, job) == "2b");
  two.end(job, Fate::done, at(later));
  CHECK(fleet.take(two, later + 1000, job) == "end");
}

TEST_CASE("who was fenced takes nothing before it has heard what is still its") {
  Fleet fleet;
  fleet.push({"a", "b", "c", "d"}, true);
  Machine one("aa");
  Machine two("bb", 1);
  Job waiting;
  Job job;
  REQUIRE(fleet.take(one, 0, waiting) == "1a");
  fleet.talk(one, at(6000));
  REQUIRE(one.list.rest() == 3);
  CHECK(fleet.take(two, 0, job) == "wait");
  REQUIRE(fleet.take(two, 40'000, job) == "1a");
  one.list.on_lapse();
  CHECK(one.list.is_unsure());
  CHECK(one.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(41'000));
  // One that was made before tells nothing.
  const bool late = GENERATE(false, true);
  const auto args = one.list.next_call(at(41'000));
  REQUIRE(args);
  const Reply reply = fleet.call(one.list, *args);
  if (late) one.list.on_lapse();
  one.list.on_reply(reply, at(41'000));
  CHECK(one.list.is_unsure() == late);
  if (late) fleet.talk(one, at(42'000));
  CHECK_FALSE(one.list.is_unsure());
  // It waits for its start, and the other host has it.
  CHECK(one.list.gone() == std::vector{JobId{1}});
  one.list.on_event(event::Dropped{waiting, true}, at(42'000));
  CHECK(fleet.take(one, 42'000, job) == "3c");
}

TEST_CASE(
    "the fifth delivery of a job goes to the list of the dead, and the list is over without it") {
  Fleet fleet;
  fleet.push({"a"}, true);
  Job job;
  for (int i = 0; i < 4; ++i) {
    Machine machine(std::to_string(i));
    REQUIRE(fleet.take(machine, i * 20'000, job) == "1a");
  }
  Machine machine("aa");
  CHECK(fleet.take(machine, 100'000, job) == "end");
  const Reply dead = fleet.client().command({"XRANGE", "gt:{t}:dead", "-", "+"});
  REQUIRE(dead.items.size() == 1);
  CHECK(dead.items[0].items[1].items[3].text == "a");
}

TEST_CASE("a job that is skipped, as done on record, is settled without a run") {
  Fleet fleet;
  fleet.push({"a"}, true);
  Machine machine("aa");
  Job job;
  REQUIRE(fleet.take(machine, 0, job) == "1a");
  machine.list.skip(job.id);
  CHECK(fleet.take(machine, 1000, job) == "end");
}

TEST_CASE("a list that the server has lost is not taken for another one") {
  Fleet fleet;
  fleet.push({"a", "b", "c", "d", "e", "f"});
  Machine machine("aa");
  Job job;
  REQUIRE(fleet.take(machine, 0, job) == "1a");
  fleet.client().command({"FLUSHALL"});
  fleet.push({"other"});
  machine.end(job, Fate::done, at(1000));
  fleet.sync("aa", at(2000));
  fleet.talk(machine, at(2000));
  CHECK(machine.list.problem().code == ExitCode::try_later);
  CHECK(machine.source.next(job) == Source::Read::end);
  Machine fresh("bb");
  CHECK(fleet.take(fresh, 3000, job) == "1other");
}

TEST_CASE("a server that comes back older is told what hosts hold and have settled") {
  Fleet fleet;
  fleet.push({"a", "b", "c", "d", "e", "f", "g", "h"}, true);
  // It will come back as it is now.
  fleet.client().command({"SAVE"});
  Machine one("aa", 1);
  Machine two("bb", 1);
  Job held;
  Job job;
  REQUIRE(fleet.take(one, 0, job) == "1a");
  one.end(job, Fate::done, at(0));
  REQUIRE(fleet.take(one, 300, held) == "2b");
  fleet.talk(one, at(1000));  // the end is told
  REQUIRE(fleet.take(two, 1000, job) != "wait");
  const std::uint64_t others = number(job.id);
  fleet.server.kill();
  fleet.server.start();
  fleet.connect();
  std::map<std::uint64_t, int> runs{{1, 1}, {2, 1}, {others, 1}};
  one.end(held, Fate::done, at(2000));
  two.end(job, Fate::done, at(2000));
  bool over = false;
  Machine fresh("cc", 1);
  for (int ms = 2000; ms < 60'000 && !over; ms += 250) {
    over = true;
    for (Machine* machine : {&fresh, &one, &two}) {
      fleet.sync(machine->name, at(ms));
      fleet.talk(*machine, at(ms));
      const auto read = machine->source.next(job);
      if (read == Source::Read::item) {
        ++runs[number(job.id)];
        // Nothing is given before all could tell.
        CHECK((machine != &fresh || ms >= 17'000));
        machine->end(job, Fate::done, at(ms));
      }
      over = over && read == Source::Read::end;
    }
  }
  CHECK(over);
  CHECK(runs.size() == 8);
  for (const auto& [n, count] : runs) CHECK(count == 1);
}

TEST_CASE("every pushed job runs, and again only where a host died or was fenced") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{6}));
  CAPTURE(seed);
  constexpr std::uint64_t jobs = 2000;
  Random random(seed);
  const auto chance = [&](double p) { return random.uniform(0, 1) < p; };
  const auto up_to = [&](unsigned most) { return static_cast<int>(random.next() % most); };
  struct Host {
    explicit Host(const std::string& name) : machine(name, 4) {}
    Machine machine;
    std::vector<std::pair<int, Job>> running;
    std::set<std::uint64_t> started;
    int cut_off_until = 0, synced = 0;
    bool ended = false;
  };
  Fleet fleet;
  std::vector<int> started(jobs + 1);
  std::vector<int> done(jobs + 1);
  std::vector<std::unique_ptr<Host>> hosts;
  int names = 0;
  const auto add = [&](int ms) {
    hosts.push_back(std::make_unique<Host>(std::to_string(++names)));
    hosts.back()->machine.list.on_open(fleet.run_id);
    hosts.back()->synced = ms;
    fleet.sync(hosts.back()->machine.name, at(ms));
  };
  // What a host has started may run again.
  const auto forgive = [&](Host& host) {
    for (const std::uint64_t n : std::exchange(host.started, {})) --started[n];
  };
  const auto live = [&](Host& host, int ms) {
    JobStream& list = host.machine.list;
    const bool cut_off = ms < host.cut_off_until;
    if (!cut_off && chance(0.0005)) host.cut_off_until = ms + up_to(40'000);
    const bool fenced = ms - host.synced > 13'500;
    if (fenced) forgive(host);
    if (!cut_off && ms - host.synced >= 5000) {
      fleet.sync(host.machine.name, at(ms));
      host.synced = ms;
    }
    std::erase_if(host.running, [&](const auto& job) {
      if (job.first > ms) return false;
      ++done[number(job.second.id)];
      host.machine.end(job.second, chance(0.1) ? Fate::failed : Fate::done, at(ms));
      return true;
    });
    while (!fenced && host.running.size() < 4) {
      Job job;
      const auto read = host.machine.source.next(job);
      if (read == Source::Read::end) host.ended = host.running.empty();
      if (read != Source::Read::item) break;
      REQUIRE(job.item == std::to_string(number(job.id)));
      ++started[number(job.id)];
      host.started.insert(number(job.id));
      host.running.emplace_back(ms + 1 + up_to(300), std::move(job));
    }
    const auto args = list.next_call(at(ms));
    if (!args) return;
    if (cut_off || chance(0.03)) return list.on_lost(at(ms));
    const Reply reply = fleet.call(list, *args);
    if (chance(0.03)) return list.on_lost(at(ms));
    list.on_reply(reply, at(ms));
    REQUIRE(list.problem().sentence.empty());
  };

  std::uint64_t pushed = 0;
  for (int i = 0; i < 3; ++i) add(0);
  bool over = false;
  for (int ms = 0; ms < 3'600'000 && !over; ms += 20) {
    fleet.tick(at(ms));
    if (pushed < jobs && chance(0.05)) {
      std::vector<std::string> items;
      for (int i = up_to(60); i >= 0 && pushed < jobs; --i)
        items.push_back(std::to_string(++pushed));
      fleet.push(items, pushed == jobs);
    }
    over = true;
    for (auto& host : hosts) {
      if (!host->ended) live(*host, ms);
      over = over && host->ended;
    }
    const auto one = random.next() % hosts.size();
    if (chance(0.0003) && !hosts[one]->ended) {
      forgive(*hosts[one]);
      hosts.erase(hosts.begin() + static_cast<std::ptrdiff_t>(one));
      add(ms);
    }
  }
  CHECK(over);
  const Reply dead = fleet.client().command({"XLEN", "gt:{t}:dead"});
  CHECK(std::count(done.begin() + 1, done.end(), 0) <= dead.integer);
  CHECK(std::all_of(started.begin(), started.end(), [](int count) { return count <= 1; }));
}
