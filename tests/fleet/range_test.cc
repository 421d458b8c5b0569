// A list that hosts read for themselves, on a real server.
#include "tests/fleet/range_fleet.h"

using namespace gentlify;
using namespace gentlify::range_test;

TEST_CASE("one host runs a whole list, and is done when all of it is") {
  const std::uint64_t items = GENERATE(0U, 1U, 7U, 5000U);
  Fleet fleet;
  Machine machine("aa", items, 3);
  machine.list.on_open(fleet.run_id);
  const auto ran = run_all(fleet, machine, at(0));
  CHECK(ran.size() == items);
  CHECK(machine.list.is_over());
  CHECK(machine.list.done() == items);
}

TEST_CASE("nothing is leased within a ttl of the first call, nor to a host that is not known") {
  Fleet fleet;
  Machine machine("aa", 100, 3);
  machine.list.on_open(fleet.run_id);
  Job job;
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(0));
  for (int ms = 0; ms < 14'999; ms += 500) {
    fleet.sync("aa", at(ms));
    fleet.talk(machine, at(ms));
    REQUIRE(machine.source.next(job) == Source::Read::wait);
  }
  fleet.tick(at(40'000));  // it is dead by now
  fleet.talk(machine, at(40'000));
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(41'000));
  fleet.talk(machine, at(41'000));
  CHECK(machine.source.next(job) == Source::Read::item);
}

TEST_CASE("a host that reads another list is refused, and so is one whose list is longer") {
  Fleet fleet;
  const std::uint64_t items = GENERATE(100U, 90U, 110U);
  const std::uint64_t other = items == 100 ? GENERATE(1U, 3U, 64U, 65U, 100U) : 0U;
  Machine one("aa", 100, 2);
  Machine two("bb", items, 2, other);
  std::vector<Machine*> machines = {&one, &two};
  for (Machine* machine : machines) machine->list.on_open(fleet.run_id);
  bool refused = false;
  for (int ms = 0; ms < 60'000 && !refused; ms += 20) {
    for (Machine* machine : machines) {
      if (ms % 1000 == 0) fleet.sync(machine->name, at(ms));
      fleet.talk(*machine, at(ms));
      Job job;
      if (machine->source.next(job) == Source::Read::item) machine->end(job, Fate::done, at(ms));
      refused = refused || !machine->list.problem().sentence.empty();
    }
  }
  CHECK(refused);
}

TEST_CASE("another command on the same name is refused at once") {
  Fleet fleet;
  Machine one("aa", 100, 2);
  JobRange two(JobRange::Settings{"bb", "other", 2, ttl});
  Job job;
  one.list.on_open(fleet.run_id);
  two.on_open(fleet.run_id);
  REQUIRE(one.source.next(job) == Source::Read::wait);
  REQUIRE(two.take(job) == SharedList::Take::wait);
  fleet.talk(one, at(0));
  two.on_reply(fleet.call(*two.next_call(at(0))), at(0));
  CHECK(one.list.problem().sentence.empty());
  CHECK_FALSE(two.problem().sentence.empty());
  CHECK(two.take(job) == SharedList::Take::end);
}

TEST_CASE("what a host leaves behind is run by another one that has read past it") {
  Fleet fleet;
  Machine one("aa", 8, 2);
  Machine two("bb", 8, 2);
  one.list.on_open(fleet.run_id);
  two.list.on_open(fleet.run_id);
  Job job;
  const auto meet = [&](Machine& machine, int ms) {
    fleet.sync(machine.name, at(ms));
    fleet.talk(machine, at(ms));
  };
  REQUIRE(one.source.next(job) == Source::Read::wait);
  meet(one, 0);
  meet(one, 15'000);
  REQUIRE(one.source.next(job) == Source::Read::item);  // 1 of 1 to 4
  one.end(job, Fate::done, at(15'000));
  REQUIRE(two.source.next(job) == Source::Read::wait);
  meet(two, 15'000);
  REQUIRE(two.source.next(job) == Source::Read::item);
  CHECK(number(job.id) == 5);
  two.end(job, Fate::done, at(15'000));
  one.list.leave();
  while (!one.list.has_left()) fleet.talk(one, one.list.next());
  CHECK(run_all(fleet, two, at(16'000)) == std::set<std::uint64_t>{2, 3, 4, 6, 7, 8});
}

TEST_CASE("what a host that comes back has on record as done is settled, whoever has leased it") {
  Fleet fleet;
  Machine other("aa", 12, 2);
  JobRange list(JobRange::Settings{"bb", "mode", 2, ttl, true});
  other.list.on_open(fleet.run_id);
  list.on_open(fleet.run_id);
  const auto talk = [&](int ms) {
    fleet.sync("bb", at(ms));
    if (const auto args = list.next_call(at(ms))) list.on_reply(fleet.call(*args), at(ms));
  };
  Job job;
  REQUIRE(other.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(0));
  fleet.talk(other, at(0));
  fleet.sync("aa", at(15'000));
  fleet.talk(other, at(15'000));
  REQUIRE(other.source.next(job) == Source::Read::item);  // 1 of 1 to 4
  REQUIRE(number(job.id) == 1);

  // Of the twelve 3, 4, 6, 7 and from 10 on are done with.
  const auto show = [&](std::uint64_t n) {
    Job shown;
    shown.id = JobId{n};
    shown.item = std::to_string(n);
    list.show(std::move(shown));
  };
  for (std::uint64_t n = 1; n <= 12; ++n) {
    Job item;
    item.item = std::to_string(n);
    list.count(item);
  }
  list.count_end();
  Job mine;
  REQUIRE(list.take(mine) == SharedList::Take::wait);
  talk(15'000);
  for (const std::uint64_t n : {1U, 2U, 5U, 8U, 9U}) show(n);
  list.show_end();
  talk(15'100);
  CHECK(list.done() == 7);
  other.end(job, Fate::done, at(15'500));
  // The dead one's 5 to 8 are the others' when its lease is over.
  CHECK(run_all(fleet, other, at(40'000)) == std::set<std::uint64_t>{2, 5, 8, 9});
}

TEST_CASE("items that were settled before anyone had leased them are leased to nobody") {
  Fleet fleet;
  fleet.sync("aa", at(0));
  const auto call = [&](TimePoint now, const std::string& wanted, const std::string& done) {
    fleet.tick(now);
    return fleet.call(
        {"take", "aa", "", fleet.run_id, "15000", "mode", wanted, "1", "100000", "", "", done, ""});
  };
  call(at(0), "0", "");
  fleet.sync("aa", at(15'000));
  const Reply reply = call(at(15'000), "4", "1-90000");
  REQUIRE(reply.items[8].items.size() == 3);
  CHECK(reply.items[8].items[0].integer == 90'001);
  // And so to the end.
  CHECK(call(at(15'000), "4", "90001-100000").items[6].integer == 1);
}

TEST_CASE(
    "what was done behind a range that is held is not run again where the server forgets it") {
  Fleet fleet;
  Machine machine("aa", 8, 2);
  machine.list.on_open(fleet.run_id);
  Job job;
  const auto meet = [&](int ms) {
    fleet.sync(machine.name, at(ms));
    fleet.talk(machine, at(ms));
  };
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  meet(0);
  Job first;
  for (int n = 1, ms = 15'000; n <= 8; ms += 300) {
    meet(ms);
    REQUIRE(ms < 30'000);
    while (machine.source.next(job) == Source::Read::item) {
      if (n++ == 1) {
        first = std::move(job);
      } else {
        machine.end(job, Fate::done, at(ms));
      }
    }
  }
  meet(31'000);
  REQUIRE(machine.list.done() == 7);
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  meet(31'500);  // what it was given behind the end is none
  fleet.client().command({"FLUSHALL"});
  for (int ms = 32'000; ms < 46'000; ms += 1000) meet(ms);
  CHECK(fleet.client().command({"BITCOUNT", "gt:{t}:dn"}).integer == 7);
  machine.end(first, Fate::done, at(48'000));
  CHECK(run_all(fleet, machine, at(48'000)).empty());
}

TEST_CASE("a range that is given back is leased to nobody where all of it is done") {
  Fleet fleet;
  const auto call = [&](const std::string& op, const std::string& host, const std::string& wanted,
                        const std::string& done) {
    fleet.sync(host, at(15'000));
    return fleet.call(
        {op, host, "", fleet.run_id, "15000", "mode", wanted, "1", "8", "", "", done, ""});
  };
  fleet.tick(at(0));
  fleet.call({"take", "aa", "", fleet.run_id, "15000", "mode", "0", "1", "8", "", "", "", ""});
  REQUIRE(call("take", "aa", "4", "").items[8].items[0].integer == 1);
  SECTION("before it is given back") {
    CHECK(call("leave", "aa", "0", "1-4").items[9].text.empty());
  }
  SECTION("after that, by who had it before and was late to tell") {
    CHECK(call("leave", "aa", "0", "").items[9].text == "1 4");
    call("take", "bb", "0", "1-4");
  }
  const Reply reply = call("take", "cc", "4", "");
  REQUIRE(reply.items[8].items.size() == 3);
  CHECK(reply.items[8].items[0].integer == 5);
}

TEST_CASE(
    "what a host has told of a range that it holds is told again where the server forgets it") {
  Fleet fleet;
  Machine machine("aa", 4, 2);
  machine.list.on_open(fleet.run_id);
  Job job;
  const auto meet = [&](int ms) {
    fleet.sync(machine.name, at(ms));
    fleet.talk(machine, at(ms));
  };
  REQUIRE(machine.source.next(job) == Source::Read::wait);
  meet(0);
  meet(15'000);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(machine.source.next(job) == Source::Read::item);
    machine.end(job, Fate::done, at(15'000));
  }
  meet(16'000);
  REQUIRE(machine.list.done() == 2);
  fleet.client().command({"FLUSHALL"});
  CHECK(run_all(fleet, machine, at(17'000)) == std::set<std::uint64_t>{3, 4});
}

TEST_CASE("a list of ten million items takes less than 1.25 MiB of the server") {
  Fleet fleet;
  const auto used = [&] {
    std::int64_t bytes = 0;
    for (const std::string_view key : keys) {
      bytes += fleet.client().command({"MEMORY", "USAGE", "gt:{t}:" + std::string(key)}).integer;
    }
    return bytes;
  };
  constexpr std::uint64_t items = 10'000'000;
  fleet.sync("aa", at(0));
  const auto call = [&](TimePoint now, int wanted, const std::string& done) {
    fleet.tick(now);
    return fleet.call({"take", "aa", "", fleet.run_id, "15000", "mode", std::to_string(wanted), "1",
                       "", "", "", done, ""});
  };
  call(at(0), 0, "");
  fleet.sync("aa", at(15'000));
  std::string done;
  for (std::uint64_t n = 1; n <= items; n += 1024) {
    call(at(15'000), 1024, done);
    done = std::to_string(n) + "-" + std::to_string(std::min(n + 1023, items));
  }
  const Reply reply = call(at(15'000), 0, done);
  CHECK(static_cast<std::uint64_t>(reply.items[4].integer) == items);
  CHECK(used() < (5 << 18) + 5000);
}

TEST_CASE("a host keeps no more of the list than what is outstanding") {
  Fleet fleet;
  Machine slow("aa", 100'000, 1);
  Machine fast("bb", 100'000, 500);
  slow.list.on_open(fleet.run_id);
  fast.list.on_open(fleet.run_id);
  Job job;
  REQUIRE(slow.source.next(job) == Source::Read::wait);
  fleet.sync("aa", at(0));
  fleet.talk(slow, at(0));
  fleet.sync("aa", at(15'000));
  fleet.talk(slow, at(15'000));
  REQUIRE(slow.source.next(job) == Source::Read::item);
  const Job held = job;
  std::size_t most = 0;
  for (int ms = 15'000; !fast.list.is_over() && ms < 60'000; ms += 20) {
    if (ms % 1000 == 0) fleet.sync("bb", at(ms));
    if (ms % 1000 == 0) fleet.sync("aa", at(ms));
    fleet.talk(fast, at(ms));
    while (fast.source.next(job) == Source::Read::item) fast.end(job, Fate::done, at(ms));
    most = std::max(most, fast.list.kept());
    if (fast.list.done() + 2 == 100'000) slow.end(held, Fate::done, at(ms));
    if (fast.list.done() + 2 >= 100'000) fleet.talk(slow, at(ms));
    while (slow.source.next(job) == Source::Read::item && number(job.id) > 1) {
      slow.end(job, Fate::done, at(ms));
    }
  }
  CHECK(most < 5000);
}
