// Jobs known by what they are.
#include "lib/record/journal_by_content.h"

#include <set>

#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

Book by_content() {
  Book book;
  book.known = Known::by_content;
  return book;
}

}  // namespace

TEST_CASE("by content, what an earlier run has left of a job decides whether it runs again") {
  Book book = by_content();
  {
    Session first(book);
    first.succeed("done");
    first.fail("failed");
    Job running = first.job("running");
    first.start(running);
    first.run("retry", Verdict::overload, Fate::retry);
    first.refuse(first.job("unusable"));
    first.job("not started");
  }
  const bool again = GENERATE(false, true);
  Session next(book, again);
  CHECK_FALSE(next.scan().damage);
  CHECK(next.past().done() == 1);
  CHECK(next.past().failed() == 2);
  CHECK(next.past().unfinished() == 2);
  CHECK_FALSE(next.past().total());
  // In any order, with new ones in between.
  CHECK(next.answers({"new", "not started", "unusable", "retry", "done", "running", "failed",
                      "done"}) == (again ? "rrrrsrrr" : "rrsrsrsr"));
  CHECK(next.past().to_skip() == 0);
  CHECK(next.end_input());
}

TEST_CASE("by content, there is nothing to verify, and an item that is gone is no change") {
  Book book = by_content();
  Session(book).succeed("a");
  Session next(book);
  CHECK(next.past().is_verified());
  CHECK(next.answers({"b"}) == "r");
  CHECK(next.past().verified() == 1);
  CHECK(next.end_input());
  CHECK(next.past().to_skip() == 0);  // it may have left the list for good
  CHECK(book.count("\"block\"") == 0);
}

TEST_CASE("of jobs that are the same as many are skipped as are done") {
  Book book = by_content();
  {
    Session first(book);
    first.succeed("a");
    first.succeed("a");
    first.fail("a");
    Job open = first.job("a");
    first.run(open, Verdict::failure, Fate::retry);
  }
  CHECK(Session(book).answers({"a", "a", "a", "a", "a"}) == "sssrr");
  CHECK(Session(book, true).answers({"a", "b", "a", "a", "a", "a"}) == "srsrrr");
}

TEST_CASE("by content, a job whose fallback has not ended runs again, under its key") {
  Book book = by_content();
  Job waits;
  Job stopped;
  {
    Session first(book);
    waits = first.run("waits", Verdict::failure, Fate::fallback);
    first.end_fallback(first.run("saved", Verdict::failure, Fate::fallback), Verdict::success,
                       Fate::done);
    first.end_fallback(first.run("failed", Verdict::failure, Fate::fallback), Verdict::failure,
                       Fate::failed);
    stopped = first.run("stopped", Verdict::failure, Fate::fallback);
    first.end_fallback(stopped, Verdict::stopped, Fate::not_done);
  }
  Session next(book);
  CHECK(next.answers({"saved", "failed"}) == "ss");
  for (const Job* before : {&waits, &stopped}) {
    const Job job = next.job(before->item);
    CHECK(job.key == before->key);
    CHECK(job.earlier_attempts == 1);
    CHECK(job.failures == 1);
  }
}

TEST_CASE("by content, a job that is not settled has behind it what it had, and its key") {
  Book book = by_content();
  Job before;
  {
    Session first(book);
    first.succeed("a");
    before = first.job("a");
    first.run(before, Verdict::failure, Fate::retry);
    first.run(before, Verdict::overload, Fate::retry);
    first.run(before, Verdict::stopped, Fate::not_done);
  }
  for (int i = 0; i < 3; ++i) {
    Session next(book);
    next.answers({"b", "a"});
    Job job = next.job("a");
    CHECK(job.key == before.key);
    CHECK(job.earlier_attempts == 2);
    CHECK(job.failures == 1);
    CHECK(job.overloads == 1);
    next.run(job, Verdict::stopped, Fate::not_done);
  }
}

TEST_CASE("by content, a job that failed for good keeps its key where it runs again") {
  Book book = by_content();
  const Job before = Session(book).fail("a");
  {
    Session next(book, true);
    Job job = next.job("a");
    CHECK(job.failed_before);
    CHECK(job.key == before.key);
    CHECK(job.earlier_attempts == 0);
    CHECK(job.failures == 0);
    next.start(job);
  }
  Session last(book);
  CHECK(last.past().failed() == 0);
  CHECK(last.past().unfinished() == 1);
  CHECK(last.job("a").key == before.key);
}

TEST_CASE("by content, a job that is refused without an attempt each time is one failed job") {
  Book book = by_content();
  {
    Session first(book);
    first.refuse(first.job("a"));
    first.refuse(first.job("a"));
  }
  for (int i = 0; i < 3; ++i) {
    Session next(book, true);
    CHECK_FALSE(next.scan().damage);
    CHECK(next.past().failed() == 2);
    next.refuse(next.job("a"));
    next.refuse(next.job("a"));
  }
  Session last(book);
  CHECK(last.past().failed() == 2);
  CHECK(last.past().unfinished() == 0);
  CHECK(last.answers({"a", "a", "a"}) == "ssr");
}

TEST_CASE("by content, a job that was begun and is then refused is not begun any more") {
  Book book = by_content();
  {
    Session first(book);
    Job job = first.job("a");
    first.start(job);
  }
  {
    Session next(book);
    next.refuse(next.job("a"));
  }
  Session last(book);
  CHECK(last.past().failed() == 1);
  CHECK(last.past().unfinished() == 0);
}

TEST_CASE("no two jobs that are the same ever have one key, and each keeps its own") {
  const Known begins = GENERATE(Known::by_number, Known::by_content);
  Book book;
  book.known = begins;
  std::set<std::string> used;
  // Of each session's four: one is done, one fails, one stays open, one is refused.
  std::set<std::string> open;
  for (int i = 0; i < 6; ++i) {
    Session session(book, true);
    std::set<std::string> now;
    std::vector<Job> jobs;
    for (int k = 0; k < 4 * (i + 1); ++k) {
      auto [answer, job] = session.take("same");
      if (answer != Past::Answer::run) continue;
      CHECK(now.insert(hex(job.key)).second);
      jobs.push_back(job);
    }
    for (const std::string& key : open) CHECK(now.contains(key));
    open.clear();
    REQUIRE(jobs.size() >= 4);
    session.run(jobs[0], Verdict::success, Fate::done);
    CHECK(used.insert(hex(jobs[0].key)).second);
    session.run(jobs[1], Verdict::failure, Fate::failed);
    session.start(jobs[2]);
    open = {hex(jobs[1].key), hex(jobs[2].key)};
    session.refuse(jobs[3]);
    for (const std::string& key : used) CHECK((key == hex(jobs[0].key) || !now.contains(key)));
    if (i == 0) book.known = Known::by_content;
  }
}

TEST_CASE("a run that knew jobs by their numbers goes on by content, and stays so") {
  Book book;
  std::vector<Job> before;
  {
    Session first(book);
    first.succeed("a");
    first.succeed("a");
    Job open = first.job("b");
    first.run(open, Verdict::failure, Fate::retry);
    before = {open, first.fail("c")};
    first.end_input();
  }
  book.known = Known::by_content;
  {
    Session next(book, true);
    CHECK_FALSE(next.scan().damage);
    CHECK(next.answers({"new", "a"}) == "rs");
    Job c = next.job("c");
    CHECK(c.key == before[1].key);
    Job b = next.job("b");
    CHECK(b.key == before[0].key);
    CHECK(b.earlier_attempts == 1);
    next.run(b, Verdict::success, Fate::done);
  }
  book.known = Known::by_number;
  Session last(book);
  CHECK(book.known == Known::by_content);
  CHECK(last.answers({"b", "c", "a", "a", "a"}) == "ssssr");
}

TEST_CASE("an end whose start is lost does not say of which job it is, and that one runs again") {
  Book book = by_content();
  {
    Session first(book);
    first.succeed("a");
    first.succeed("b");
  }
  book.lose_line(R"("t":"start","seq":1,)");
  Session next(book);
  CHECK_FALSE(next.scan().damage);
  CHECK(next.answers({"a", "b"}) == "rs");
}

TEST_CASE(
    "by content, a failure whose record is lost does not take the job's later success with it") {
  Book book = by_content();
  {
    Session first(book);
    first.fail("a");
  }
  {
    Session next(book, true);
    Job job = next.job("a");
    next.run(job, Verdict::success, Fate::done);
  }
  book.lose_line(R"("fate":"failed")");
  CHECK(Session(book).scan().damage == std::nullopt);
  CHECK(Session(book).answers({"a"}) == "s");
}

TEST_CASE("by content, records that contradict each other are not learned") {
  const Identity a{1, 1};
  const Identity b{2, 2};
  JournalByContent past(false);
  CHECK_FALSE(past.learn(record::Start{1, 1, a, {}, false}));
  REQUIRE(past.learn(record::Head{}));
  CHECK(past.learn(record::Start{1, 1, a, {}, false}));
  // Another session has begun, and its head is lost: the first job was left open.
  CHECK(past.learn(record::Start{1, 1, b, {}, false}));
  CHECK(past.learn(record::End{1, 1, Verdict::success, Fate::done, 0, 0, {}, {}, false}));
  CHECK(past.done() == 1);
  CHECK(past.unfinished() == 1);
  CHECK(past.learn(record::Start{2, 1, a, {}, false}));
  CHECK_FALSE(past.learn(record::End{2, 0, Verdict::failure, Fate::failed, 0, 0, b, {}, false}));
  CHECK(past.failed() == 0);
}
