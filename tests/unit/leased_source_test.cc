// Items that this host may run, out of a list that others read as well.
#include "lib/engine/input/leased_source.h"

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Read = Source::Read;
using Take = SharedList::Take;
using Items = std::vector<std::string>;

/// Numbers those that it gives, as a source does that leaves some out.
class Given : public Source {
 public:
  explicit Given(Items all, std::vector<std::uint64_t> known = {})
      : items(std::move(all)), numbers(std::move(known)) {}

  Items items;
  std::vector<std::uint64_t> numbers;
  std::string problem;
  bool detached = false;

  Read next(Job& job) override {
    if (next_ == items.size()) return Read::end;
    if (next_ < numbers.size()) job.id = JobId{numbers[next_]};
    job.item = items[next_++];
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return items.size(); }
  Rest rest() override { return {items.size() - next_, true}; }
  void detach() override { detached = true; }
  std::string error() const override { return problem; }

 private:
  std::size_t next_ = 0;
};

/// Gives what is asked for, in the order asked for, once it was shown.
class Fake : public SharedList {
 public:
  std::deque<std::uint64_t> wanted;
  std::map<std::uint64_t, Job> shown;
  Items counted;
  int ends_counted = 0, ends_shown = 0;
  bool over = false;

  Take take(Job& job) override {
    if (wanted.empty()) return over ? Take::end : Take::wait;
    const auto found = shown.find(wanted.front());
    if (found == shown.end()) return ends_shown > 0 ? Take::end : Take::input;
    job = std::move(found->second);
    wanted.pop_front();
    return Take::job;
  }
  std::uint64_t rest() const override { return wanted.size(); }
  bool is_over() const override { return over; }
  void count(const Job& item) override { counted.push_back(item.item); }
  void count_end() override { ++ends_counted; }
  void show(Job&& job) override {
    const std::uint64_t n = number(job.id);
    const bool is_new = shown.emplace(n, std::move(job)).second;
    CHECK(is_new);
  }
  void show_end() override { ++ends_shown; }
};

struct Pair {
  explicit Pair(Items items, std::vector<std::uint64_t> numbers = {})
      : source(std::make_unique<Given>(std::move(items), std::move(numbers)), list) {}
  Fake list;
  LeasedSource source;

  std::string next() {
    Job job;
    for (;;) {
      switch (source.next(job)) {
        case Read::item: return std::to_string(number(job.id)) + job.item;
        case Read::wait: return "wait";
        case Read::end: return "end";
        case Read::more: break;
      }
    }
  }
};

}  // namespace

TEST_CASE("items come as they are ours, with their numbers in the input") {
  Pair pair({"a", "b", "c", "d"});
  CHECK(pair.next() == "wait");
  pair.list.wanted = {3, 1};
  CHECK(pair.next() == "3c");
  CHECK(pair.next() == "1a");
  CHECK(pair.next() == "wait");
  CHECK(pair.source.rest().items == 0);
  CHECK_FALSE(pair.source.rest().complete);
  CHECK_FALSE(pair.source.total());
}

TEST_CASE("the input is read no further than to what is ours") {
  Pair pair({"a", "b", "c", "d"});
  pair.list.wanted = {2};
  CHECK(pair.next() == "2b");
  CHECK(pair.next() == "wait");
  CHECK(pair.list.shown.size() == 2);
}

TEST_CASE("items that are numbered already keep their numbers") {
  Pair pair({"b", "d"}, {2, 4});
  pair.list.wanted = {4, 2};
  CHECK(pair.next() == "4d");
  CHECK(pair.next() == "2b");
}

TEST_CASE("the list is told once that there is nothing more to show") {
  Pair pair(Items{"a"});
  pair.list.wanted = {7};
  CHECK(pair.next() == "end");
  CHECK(pair.next() == "end");
  CHECK(pair.list.ends_shown == 1);
}

TEST_CASE("a long way to what is ours is gone in steps") {
  Pair pair(Items(100'000, "x"));
  pair.list.wanted = {100'000};
  Job job;
  REQUIRE(pair.source.next(job) == Read::more);
  CHECK(pair.list.shown.size() < 10'000);
  CHECK(pair.next() == "100000x");
}

TEST_CASE("what was not taken when the run ends is left to others") {
  Pair pair(Items{"a", "b"});
  pair.list.wanted = {1, 2};
  CHECK(pair.next() == "1a");
  pair.source.detach();
  CHECK(pair.next() == "end");
}

TEST_CASE("a shared list is told of all items and of the end, once, but not of one that was cut") {
  Fake list;
  Given given(Items{"a", "b"});
  const bool cut = GENERATE(false, true);
  if (cut) given.problem = "x: Input/output error";
  CountedSource source(std::make_unique<Given>(given), list);
  Job job;
  while (source.next(job) == Read::item) CHECK(list.ends_counted == 0);
  CHECK(source.next(job) == Read::end);
  CHECK(list.counted == Items{"a", "b"});
  CHECK(list.ends_counted == (cut ? 0 : 1));
}
