// Items without those that are done with.
#include "lib/engine/input/recorded_source.h"

#include <set>

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Read = Source::Read;
using Items = std::vector<std::string>;

class Given : public Source {
 public:
  explicit Given(Items items) : items_(std::move(items)) {}
  Read next(Job& job) override {
    if (next_ == items_.size()) return Read::end;
    job.item = items_[next_++];
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return items_.size(); }
  Rest rest() override { return {items_.size() - next_, true}; }

 private:
  Items items_;
  std::size_t next_ = 0;
};

/// Knows of `known` items, compares them in blocks of `block`, and finds that `changed` is another.
class Known : public Past {
 public:
  std::uint64_t known = 0, block = 4, changed = 0, taken = 0;
  std::set<std::uint64_t> done;
  bool shorter = false;

  Answer take(Job& job) override {
    CHECK(number(job.id) == ++taken);
    if (taken == changed) return Answer::changed;
    return done.contains(taken) ? Answer::skip : Answer::run;
  }
  bool end() override { return !shorter; }
  std::uint64_t verified() const override { return is_verified() ? taken : taken / block * block; }
  bool is_verified() const override { return taken >= known; }
  std::uint64_t to_skip() const override {
    return static_cast<std::uint64_t>(std::distance(done.upper_bound(taken), done.end()));
  }
};

/// Hears what is left out.
class Skips : public SharedList {
 public:
  std::vector<std::uint64_t> numbers;
  Take take(Job&) override { return Take::end; }
  std::uint64_t rest() const override { return 0; }
  bool is_over() const override { return false; }
  void skip(JobId id) override { numbers.push_back(number(id)); }
};

RecordedSource over(Items items, Past& past) {
  return {std::make_unique<Given>(std::move(items)), past};
}

/// The numbers and items of all that comes.
Items all(Source& source) {
  Items items;
  for (Job job;;) {
    const Read read = source.next(job);
    if (read == Read::end) return items;
    if (read == Read::item) items.push_back(std::to_string(number(job.id)) + job.item);
  }
}

}  // namespace

TEST_CASE("items that are done with are left out, and the others keep their numbers") {
  Known past;
  past.known = GENERATE(0U, 3U, 5U);
  past.done = {1, 3};
  RecordedSource source = over({"a", "b", "c", "d", "e"}, past);
  CHECK(all(source) == Items{"2b", "4d", "5e"});
  CHECK_FALSE(source.has_changed());
}

TEST_CASE("nothing is given before all that is known was compared, and then all in order") {
  Known past;
  past.known = 3;
  RecordedSource source = over({"a", "b", "c", "d"}, past);
  Job job;
  while (source.next(job) == Read::more) CHECK(past.taken <= 3);
  CHECK(past.taken == 3);
  CHECK(job.item == "a");
  CHECK(all(source) == Items{"2b", "3c", "4d"});
}

TEST_CASE("of a list that has changed nothing is given") {
  Known past;
  past.known = 4;
  past.changed = GENERATE(1U, 4U);
  RecordedSource source = over({"a", "b", "c", "d", "e"}, past);
  CHECK(all(source).empty());
  CHECK(source.has_changed());
  CHECK(past.taken == past.changed);
  Job job;
  CHECK(source.next(job) == Read::end);
  CHECK(past.taken == past.changed);
}

TEST_CASE("of a list that has become shorter nothing is given") {
  Known past;
  past.known = 9;
  past.shorter = true;
  RecordedSource source = over({"a", "b"}, past);
  CHECK(all(source).empty());
  CHECK(source.has_changed());
}

TEST_CASE("what was held back is given at the end of the input, too") {
  Known past;
  past.known = 9;  // more than there are, and that is said to be all right
  RecordedSource source = over({"a", "b"}, past);
  CHECK(all(source) == Items{"1a", "2b"});
}

TEST_CASE("where more is held back than fits, items whose block was compared are given") {
  constexpr std::size_t count = 60;
  Known past;
  past.known = 1000;
  past.block = 10;
  past.shorter = true;
  RecordedSource source = over(Items(count, std::string(1 << 20, 'x')), past);
  Job job;
  std::uint64_t given = 0;
  for (Read read = Read::more; read != Read::end; read = source.next(job)) {
    if (read != Read::item) continue;
    CHECK(number(job.id) == ++given);
    CHECK(given <= past.verified());
    CHECK(past.taken - given <= 16 + past.block);
  }
  // The rest is held back, for the list has changed.
  CHECK(given > 30);
  CHECK(given < 50);
  CHECK(source.has_changed());
}

TEST_CASE("the total and the rest are without those that are done with, at any time") {
  Known past;
  past.known = 3;
  past.done = {1, 3, 5};
  RecordedSource source = over({"a", "b", "c", "d", "e", "f"}, past);
  CHECK(source.total() == 3U);
  CHECK(source.rest().items == 3);
  Job job;
  std::uint64_t left = 3;
  for (Read read = Read::more; read != Read::end; read = source.next(job)) {
    if (read == Read::item) --left;
    CHECK(source.total() == 3U);
    CHECK(source.rest().items == left);
    CHECK(source.rest().complete);
  }
  CHECK(left == 0);
}

TEST_CASE("many items are left out a few at a time, for others to have their turn") {
  Known past;
  for (std::uint64_t i = 1; i <= 10'000; ++i) past.done.insert(past.done.end(), i);
  RecordedSource source = over(Items(10'000, "x"), past);
  Job job;
  while (source.next(job) == Read::more) CHECK(past.taken <= 10'000);
  Known other = past;
  other.taken = 0;
  RecordedSource again = over(Items(10'000, "x"), other);
  CHECK(again.next(job) == Read::more);
  CHECK(other.taken < 1000);
}

TEST_CASE("a list that has less left than is to be skipped has nothing left, and no less") {
  Known past;
  past.done = {1, 2, 3, 4, 5};
  RecordedSource source = over({"a", "b"}, past);
  CHECK(source.total() == 0U);
  CHECK(source.rest().items == 0);
}

TEST_CASE("the cost that is the rule is each item's") {
  Known past;
  past.known = 2;
  RecordedSource source = over({"a", "b"}, past);
  Job job;
  job.cost = 7;
  while (source.next(job) == Read::more) job.cost = 7;
  CHECK(job.cost == 7);
}

TEST_CASE("a list that others share is told of what is left out") {
  Known past;
  past.done = {1, 3};
  Skips list;
  RecordedSource source(std::make_unique<Given>(Items{"a", "b", "c"}), past, &list);
  CHECK(all(source) == Items{"2b"});
  CHECK(list.numbers == std::vector<std::uint64_t>{1, 3});
}
