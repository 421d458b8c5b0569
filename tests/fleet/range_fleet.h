// A fleet for tests of lists that hosts read for themselves: machines with a list, a real server,
// and a clock that the test holds.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/engine/input/leased_source.h"
#include "lib/fleet/job_range.h"
#include "tests/fleet/list_client.h"
#include "tests/fleet/redis_server.h"
#include "tests/unit/catch.h"

namespace gentlify::range_test {

using fleet::JobRange;
using fleet::Reply;
using std::chrono::milliseconds;

inline constexpr std::string_view keys[] = {"r", "rl", "rf", "dn", "ex", "st"};
inline constexpr Duration ttl = std::chrono::seconds(15);

/// "1", "2", ... and so on.
class Numbers : public Source {
 public:
  Numbers(std::uint64_t count, std::uint64_t other) : count_(count), other_(other) {}
  Read next(Job& job) override {
    if (next_ > count_) return Read::end;
    job.item = next_ == other_ ? "another" : std::to_string(next_);
    ++next_;
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return count_; }
  Rest rest() override { return {count_ - next_ + 1, true}; }

 private:
  std::uint64_t next_ = 1, count_, other_;
};

struct Machine {
  Machine(std::string host, std::uint64_t items, int jobs, std::uint64_t other = 0)
      : name(std::move(host)),
        list(JobRange::Settings{name, "mode", jobs, ttl}),
        source(std::make_unique<CountedSource>(std::make_unique<Numbers>(items, other), list),
               list) {}

  void end(const Job& job, Fate fate, TimePoint now) {
    const Outcome outcome;
    list.on_event(event::Ended{job, outcome, Duration{}, fate, 0}, now);
  }

  std::string name;
  JobRange list;
  LeasedSource source;
};

class Fleet {
 public:
  Fleet() { connect(); }

  void connect() {
    client_ = std::make_unique<ListClient>(server.port());
    const std::string info = client_->command({"INFO", "server"}).text;
    const auto at = info.find("run_id:");
    run_id = info.substr(at + 7, 40);
  }
  ListClient& client() { return *client_; }

  /// What SYNC does: the clock goes, and the host lives on.
  void sync(const std::string& host, TimePoint now) {
    tick(now);
    const auto until = micros(now + ttl);
    client_->command({"ZADD", "gt:{t}:ex", std::to_string(until), host});
  }
  void tick(TimePoint now) {
    static const std::string script =
        "return redis.call('HSET', KEYS[1], 'state', cmsgpack.pack(tonumber(ARGV[1])))";
    client_->command({"EVAL", script, "1", "gt:{t}:st", std::to_string(micros(now))});
  }
  Reply call(const std::vector<std::string>& args) {
    Reply reply = client_->call(fleet::range_script, keys, args);
    INFO(reply.text);
    REQUIRE_FALSE(reply.is_error());
    return reply;
  }
  /// One call of the machine, where one is due.
  void talk(Machine& machine, TimePoint now) {
    if (const auto args = machine.list.next_call(now)) machine.list.on_reply(call(*args), now);
  }

  RedisServer server;
  std::string run_id;

 private:
  static std::int64_t micros(TimePoint now) {
    return std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  }

  std::unique_ptr<ListClient> client_;
};

inline TimePoint at(int ms) {
  return TimePoint(milliseconds(1'000'000 + ms));
}

/// Runs what comes until nothing does; returns the numbers.
inline std::set<std::uint64_t> run_all(Fleet& fleet, Machine& machine, TimePoint from) {
  std::set<std::uint64_t> numbers;
  for (int ms = 0; ms < 60'000; ms += 20) {
    const TimePoint now = from + milliseconds(ms);
    if (ms % 1000 == 0) fleet.sync(machine.name, now);
    fleet.talk(machine, now);
    Job job;
    for (;;) {
      const auto read = machine.source.next(job);
      if (read == Source::Read::end) return numbers;
      if (read == Source::Read::wait) break;
      if (read == Source::Read::more) continue;
      CHECK(numbers.insert(number(job.id)).second);
      CHECK(job.item == std::to_string(number(job.id)));
      machine.end(job, Fate::done, now);
    }
  }
  FAIL("the list does not end: " + machine.list.problem().sentence);
  return numbers;
}

}  // namespace gentlify::range_test
