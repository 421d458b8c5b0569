// Jobs known by their place in the input.
#include "lib/record/journal_by_number.h"

#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

using Items = std::vector<std::string>;

Items numbered(std::size_t count) {
  Items items;
  for (std::size_t i = 1; i <= count; ++i) items.push_back("item " + std::to_string(i));
  return items;
}

/// A run that does all of these, and ends.
Book done(const Items& items) {
  Book book;
  Session session(book);
  for (const std::string& item : items) session.succeed(item);
  REQUIRE(session.end_input());
  return book;
}

/// A run that only takes them, and starts nothing.
Book taken(const Items& items, bool to_the_end) {
  Book book;
  Session session(book);
  session.answers(items);
  if (to_the_end) REQUIRE(session.end_input());
  return book;
}

}  // namespace

TEST_CASE("what an earlier run has left of a job decides whether it runs again") {
  Book book;
  {
    Session first(book);
    first.succeed("done");
    first.fail("failed");
    Job running = first.job("running");
    first.start(running);
    first.run("retry", Verdict::overload, Fate::retry);
    first.run("stopped", Verdict::stopped, Fate::not_done);
    first.refuse(first.job("unusable"));
    first.job("not started");
  }
  const bool again = GENERATE(false, true);
  Session next(book, again);
  CHECK_FALSE(next.scan().damage);
  CHECK(next.past().done() == 1);
  CHECK(next.past().failed() == 2);
  CHECK(next.past().failed_for_good() == (again ? 0 : 2));
  CHECK(next.past().unfinished() == 3);
  CHECK(next.past().to_skip() == (again ? 1 : 3));
  CHECK(next.answers({"done", "failed", "running", "retry", "stopped", "unusable",
                      "not started"}) == (again ? "srrrrrr" : "ssrrrsr"));
  CHECK(next.past().to_skip() == 0);
  CHECK(next.end_input());
  CHECK(next.past().total() == std::nullopt);
}

TEST_CASE("a job that is not settled has behind it what it had") {
  Book book;
  {
    Session first(book);
    Job job = first.job("a");
    first.run(job, Verdict::failure, Fate::retry);
    first.run(job, Verdict::overload, Fate::retry);
    first.run(job, Verdict::failure, Fate::not_done);
    Job other = first.job("b");
    first.run(other, Verdict::failure, Fate::retry);
    first.start(other);
  }
  Session next(book);
  const Job job = next.job("a");
  CHECK(job.attempts == 0);
  CHECK(job.earlier_attempts == 3);
  CHECK(job.failures == 2);
  CHECK(job.overloads == 1);
  CHECK_FALSE(job.failed_before);
  // The attempt whose end is not known is not counted.
  const Job other = next.job("b");
  CHECK(other.earlier_attempts == 1);
  CHECK(other.failures == 1);
}

TEST_CASE("a job whose fallback has not ended runs again, with what it had behind it") {
  Book book;
  {
    Session first(book);
    first.run("waits", Verdict::failure, Fate::fallback);
    for (const auto& [item, fate] :
         {std::pair("saved", Fate::done), {"failed", Fate::failed}, {"stopped", Fate::not_done}}) {
      const Job job = first.run(item, Verdict::failure, Fate::fallback);
      const Verdict verdict = fate == Fate::done     ? Verdict::success
                              : fate == Fate::failed ? Verdict::failure
                                                     : Verdict::stopped;
      first.end_fallback(job, verdict, fate);
    }
  }
  const bool again = GENERATE(false, true);
  Session next(book, again);
  CHECK(next.past().done() == 1);
  CHECK(next.past().failed() == 1);
  CHECK(next.past().unfinished() == 2);
  const Job job = next.job("waits");
  CHECK(job.earlier_attempts == 1);
  CHECK(job.failures == 1);
  CHECK(next.take("saved").answer == Past::Answer::skip);
  CHECK(next.take("failed").answer == (again ? Past::Answer::run : Past::Answer::skip));
  const Job stopped = next.job("stopped");
  CHECK(stopped.earlier_attempts == 1);
  CHECK(stopped.failures == 1);
}

TEST_CASE("an attempt that was stopped is taken back") {
  Book book;
  {
    Session first(book);
    Job job = first.job("a");
    first.run(job, Verdict::failure, Fate::retry);
    first.run(job, Verdict::stopped, Fate::not_done);
  }
  for (int i = 0; i < 3; ++i) {
    Session next(book);
    Job job = next.job("a");
    CHECK(job.earlier_attempts == 1);
    CHECK(job.failures == 1);
    next.run(job, Verdict::stopped, Fate::not_done);
  }
}

TEST_CASE("a job that failed for good begins anew where it is to run again, and then stays done") {
  Book book;
  {
    Session first(book);
    Job job = first.job("a");
    first.run(job, Verdict::failure, Fate::retry);
    first.run(job, Verdict::failure, Fate::failed);
  }
  {
    Session next(book, true);
    Job job = next.job("a");
    CHECK(job.failed_before);
    CHECK(job.earlier_attempts == 0);
    CHECK(job.failures == 0);
    next.run(job, Verdict::success, Fate::done);
  }
  Session last(book, true);
  CHECK(last.past().failed() == 0);
  CHECK(last.past().done() == 1);
  CHECK(last.answers({"a"}) == "s");
}

TEST_CASE("a job that had failed and was begun again runs even where failed ones do not") {
  Book book;
  Session(book).fail("a");
  {
    Session next(book, true);
    Job job = next.job("a");
    next.start(job);
  }
  Session last(book);
  CHECK(last.past().failed() == 0);
  CHECK(last.past().unfinished() == 1);
  const Job job = last.job("a");
  CHECK_FALSE(job.failed_before);
  CHECK(job.earlier_attempts == 0);
}

TEST_CASE("a job that is refused without an attempt each time is no damage") {
  Book book;
  {
    Session first(book);
    first.refuse(first.job("unusable"));
  }
  for (int i = 0; i < 3; ++i) {
    Session next(book, true);
    CHECK_FALSE(next.scan().damage);
    CHECK(next.past().failed() == 1);
    next.refuse(next.job("unusable"));
  }
  Session last(book);
  CHECK_FALSE(last.scan().damage);
  CHECK(last.past().failed() == 1);
  CHECK(last.answers({"unusable"}) == "s");
}

TEST_CASE("a key stays with a job, and no other job has it") {
  Book book;
  Identity a;
  Identity b;
  {
    Session first(book);
    a = first.job("same").key;
    b = first.job("same").key;
  }
  CHECK(a != b);
  CHECK(a != Identity{});
  Session next(book);
  CHECK(next.job("same").key == a);
  CHECK(next.job("same").key == b);
}

TEST_CASE("each block is told once, as soon as its items were taken, and the last at the end") {
  const auto [items, blocks] =
      GENERATE(table<std::size_t, Items>({{0, {"0 last"}},
                                          {1, {"1 last"}},
                                          {1023, {"1023 last"}},
                                          {1024, {"1024", "0 last"}},
                                          {1025, {"1024", "1 last"}},
                                          {3000, {"1024", "1024", "952 last"}}}));
  Book book;
  for (int sessions = 0; sessions < 2; ++sessions) {
    Session session(book);
    session.answers(numbered(items));
    CHECK(session.end_input());
  }
  Items told;
  scan_journal(MemoryFile(book.text).fd(), [&](const Record& record, std::string_view) {
    const auto* block = std::get_if<record::Block>(&record);
    if (block != nullptr)
      told.push_back(std::to_string(block->items) + (block->last ? " last" : ""));
    return true;
  });
  CHECK(told == blocks);
  CHECK(Session(book).past().total() == items);
}

TEST_CASE(
    "nothing is verified before a block was compared, and all is at the end of what is known") {
  Book book;
  const Items items = numbered(2000);
  {
    Session first(book);
    first.answers(items);
    Job job = first.job("item 2001");
    first.start(job);
  }
  Session next(book);
  CHECK_FALSE(next.past().is_verified());
  next.answers(numbered(1023));
  CHECK(next.past().verified() == 0);
  next.answers({"item 1024"});
  CHECK(next.past().verified() == 1024);
  next.answers(Items(items.begin() + 1024, items.end()));
  CHECK(next.past().verified() == 1024);
  CHECK_FALSE(next.past().is_verified());
  next.answers({"item 2001"});
  CHECK(next.past().is_verified());
  CHECK(next.past().verified() == 2001);
  next.answers({"new"});
  CHECK(next.past().verified() == 2002);
}

TEST_CASE("an item that has changed in a full block is found at the block's end") {
  Book book = taken(numbered(1500), true);
  Session next(book);
  Items items = numbered(1500);
  items[700] = "other";
  CHECK(next.answers(items) == std::string(1023, 'r') + 'c');
  CHECK(next.past().mismatch() ==
        "lines 1 to 1024 of the input, or some of them, are not what that run has read");
}

TEST_CASE("where the job that has changed was started, its very line is named") {
  Book book = done(numbered(1100));
  const std::size_t changed = GENERATE(0U, 5U, 1023U, 1024U, 1099U);
  Session next(book);
  Items items = numbered(1100);
  items[changed] = "other";
  items[std::min<std::size_t>(changed + 3, 1099)] = "another";
  next.answers(items);
  CHECK(next.past().mismatch() ==
        "line " + std::to_string(changed + 1) + " of the input is not what that run has read");
}

TEST_CASE("an item that has changed in the last block is found at its end") {
  Book book = taken(numbered(10), true);
  Session next(book);
  Items items = numbered(12);
  items[3] = "other";
  CHECK(next.answers(items) == "rrrrrrrrrc");
  CHECK(next.past().mismatch() ==
        "lines 1 to 10 of the input, or some of them, are not what that run has read");
}

TEST_CASE("in a block without a hash the jobs that were started are compared") {
  Book book;
  {
    Session first(book);
    first.job("a");
    first.succeed("b");
    first.job("c");
    Job d = first.job("d");
    first.start(d);
  }
  CHECK(Session(book).answers({"x", "b", "y", "d"}) == "rsrr");
  Session next(book);
  CHECK(next.answers({"a", "x", "c", "d"}) == "rsrc");
  CHECK(next.past().mismatch() == "line 2 of the input is not what that run has read");
}

TEST_CASE("an item that could not be used is compared, too") {
  Book book;
  {
    Session first(book);
    first.refuse(first.job("unusable"));
  }
  CHECK(Session(book).answers({"unusable"}) == "s");
  CHECK(Session(book).answers({"other"}) == "c");
}

TEST_CASE("items that are not lines are named by their numbers") {
  Book book = done({"a", "b"});
  Session next(book);
  Job job;
  job.item = "a";
  next.past().take(job);
  job.item = "x";
  CHECK(next.past().take(job) == Past::Answer::changed);
  CHECK(next.past().mismatch() == "item 2 of the input is not what that run has read");
}

TEST_CASE("a list that has become shorter has changed") {
  const bool to_the_end = GENERATE(true, false);
  const std::size_t items = GENERATE(3U, 1024U, 1030U);
  Book book;
  {
    Session first(book);
    for (const std::string& item : numbered(items)) first.succeed(item);
    if (to_the_end) first.end_input();
  }
  Session next(book);
  next.answers(numbered(items - 1));
  CHECK_FALSE(next.end_input());
  CHECK(next.past().mismatch() == "the input ends after " + std::to_string(items - 1) +
                                      " items, and that run has read " + std::to_string(items) +
                                      " at least");
}

TEST_CASE("items behind those that are known are new jobs, in this run and in the next") {
  Book book = done(numbered(3));
  {
    Session next(book);
    CHECK(next.past().total() == 3U);
    CHECK(next.answers(numbered(3)) == "sss");
    next.succeed("item 4");
    CHECK(next.end_input());
  }
  CHECK(Session(book).past().total() == 4U);
  Session last(book);
  CHECK(last.answers(numbered(5)) == "ssssr");
  CHECK(last.end_input());
  CHECK(Session(book).past().total() == 5U);
}

TEST_CASE("the number of items is not known any more where one behind them was met") {
  Book book = done(numbered(3));
  {
    Session next(book);
    next.answers(numbered(3));
    next.succeed("item 4");  // and then it is killed
  }
  CHECK(Session(book).past().done() == 4);
  CHECK_FALSE(Session(book).past().total());
}

TEST_CASE("a list that has grown over the end of a block is followed") {
  Book book = done(numbered(1000));
  {
    Session next(book);
    next.answers(numbered(1000));
    for (std::size_t i = 1001; i <= 1100; ++i) next.succeed("item " + std::to_string(i));
    CHECK(next.end_input());
  }
  Session last(book);
  CHECK(last.answers(numbered(1100)) == std::string(1100, 's'));
  CHECK(last.past().total() == 1100U);
  Items items = numbered(1100);
  items[1010] = "other";
  CHECK(Session(book).answers(items).find('c') == 1023);
}

TEST_CASE("done jobs stay so over many sessions, a few in each") {
  Book book;
  const Items items = numbered(60);
  for (std::size_t n = 0; n < 60; n += 6) {
    Session session(book);
    CHECK(session.past().done() == n);
    for (std::size_t i = 0; i < 60; ++i) {
      auto [answer, job] = session.take(items[i]);
      CHECK((answer == Past::Answer::skip) == (i < n));
      if (i >= n && i < n + 6) session.run(job, Verdict::success, Fate::done);
    }
  }
  CHECK(Session(book).answers(items) == std::string(60, 's'));
}

TEST_CASE("a start or an end that is lost makes its job run again, or not, and others stay") {
  const auto [lost, answers] = GENERATE(table<std::string, std::string>(
      {{R"("t":"start","seq":2,)", "sss"}, {R"("t":"end","seq":2,)", "srs"}}));
  Book book;
  {
    Session first(book);
    for (const char* item : {"a", "b", "c"}) first.succeed(item);
  }
  book.lose_line(lost);
  Session next(book);
  CHECK_FALSE(next.scan().damage);
  CHECK(next.answers({"a", "b", "c"}) == answers);
}

TEST_CASE("a block that is lost in the middle is not compared, and is told again") {
  Book book = done(numbered(3000));
  book.lose_line(R"("first":1025,)");
  {
    Session next(book);
    CHECK(next.answers(numbered(3000)) == std::string(3000, 's'));
    CHECK(next.end_input());
  }
  CHECK(book.count(R"("first":1025,)") == 1);
  CHECK(book.count(R"("t":"block")") == 3);
}

TEST_CASE("records that contradict each other are not learned") {
  const Identity a{1, 1};
  const Identity b{2, 2};
  const record::End end{1, 1, Verdict::success, Fate::done, 0, 0, {}, {}, false};
  JournalByNumber past(false);
  REQUIRE(past.learn(record::Head{}));
  CHECK(past.learn(record::Start{1, 1, a, {}, false}));
  CHECK_FALSE(past.learn(record::Start{1, 2, b, {}, false}));
  CHECK(past.learn(end));
  CHECK_FALSE(past.learn(end));
  CHECK_FALSE(past.learn(record::Start{1, 2, a, {}, false}));
  CHECK(past.learn(record::Block{1, 9, 0, true}));
  CHECK_FALSE(past.learn(record::Block{1, 8, 0, true}));
  CHECK(past.done() == 1);
  CHECK(past.unfinished() == 0);
}

TEST_CASE("a head of another run, or one that goes back, makes all behind it strange") {
  record::Head other;
  other.known = Known::by_content;
  other.run = GENERATE(0U, 1U);
  JournalByNumber past(false);
  REQUIRE(past.learn(record::Head{}));
  CHECK(past.learn(record::Head{}));
  CHECK(past.learn(record::Other{}));
  CHECK_FALSE(past.learn(other));
  CHECK_FALSE(past.learn(record::Other{}));
  record::Head ours;
  ours.session = 1;
  CHECK(past.learn(ours));
  CHECK(past.learn(record::Other{}));
  CHECK_FALSE(past.any_by_content());
}

TEST_CASE("jobs that were pushed are known by the numbers that they come with, in any order") {
  Book book;
  book.pushed = true;
  {
    Session first(book);
    for (const std::uint64_t n : {7U, 3000U, 5U}) {
      Session::Taken taken = first.take(n, "item " + std::to_string(n));
      REQUIRE(taken.answer == Past::Answer::run);
      first.start(taken.job);
      if (n == 7) first.end(taken.job, Verdict::success, Fate::done);
      if (n == 3000) first.end(taken.job, Verdict::permanent, Fate::failed);
    }
    CHECK(first.end_input());
  }
  CHECK(book.count("\"t\":\"block\"") == 0);
  const bool again = GENERATE(false, true);
  Session next(book, again);
  CHECK_FALSE(next.scan().damage);
  CHECK(next.past().done() == 1);
  CHECK(next.past().unfinished() == 1);
  CHECK(next.past().is_verified());
  CHECK(next.take(8, "new").answer == Past::Answer::run);
  CHECK(next.take(3000, "item 3000").answer == (again ? Past::Answer::run : Past::Answer::skip));
  // They may be delivered again and again.
  CHECK(next.take(7, "item 7").answer == Past::Answer::skip);
  CHECK(next.take(7, "item 7").answer == Past::Answer::skip);
  const Session::Taken begun = next.take(5, "item 5");
  CHECK(begun.answer == Past::Answer::run);
}

TEST_CASE("a number that another job has now is found out where its job was started") {
  Book book;
  book.pushed = true;
  {
    Session first(book);
    Session::Taken taken = first.take(7, "a");
    first.run(taken.job, Verdict::success, Fate::done);
  }
  Session next(book);
  CHECK(next.take(8, "x").answer == Past::Answer::run);
  CHECK(next.take(7, "b").answer == Past::Answer::changed);
  CHECK(next.past().mismatch() == "job 7 is not what that run has had");
}
