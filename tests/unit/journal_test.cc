// A journal as a file: opened, written, lost.
#include "lib/record/journal.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lib/core/error.h"
#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "journal.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file() const { return path_ + "/j"; }

 private:
  std::string path_;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

JournalRequest request(const std::string& path, bool resume = false) {
  JournalRequest request;
  request.path = path;
  request.resume = resume;
  request.new_run = 5;
  return request;
}

/// A run of which one job is done at each `step`.
class Run {
 public:
  explicit Run(const JournalRequest& request, Journal::Sync::When when = Journal::Sync::When::off)
      : open(open_journal(request)),
        journal(open, JournalText(plain_text(), open.head.known), {}, {when, 1ms}, halt) {}

  Past::Answer take(const std::string& item) {
    job = {};
    job.id = JobId{++taken_};
    job.item = item;
    return open.past->take(job);
  }
  void succeed() {
    ++job.attempts;
    journal.on_event(event::Started{job, 1, 1}, at(1s));
    journal.on_event(event::Ended{job, {}, 1s, Fate::done, 0}, at(1s));
  }

  Halt halt{{}};
  OpenJournal open;
  Journal journal;
  Job job;

 private:
  std::uint64_t taken_ = 0;
};

/// No file of ours may grow beyond that.
class LargestFile {
 public:
  explicit LargestFile(std::uint64_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{size, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~LargestFile() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  LargestFile(const LargestFile&) = delete;
  LargestFile& operator=(const LargestFile&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("records are in the file once they are committed, and not before") {
  const Directory directory;
  using When = Journal::Sync::When;
  Run run(request(directory.file()), GENERATE(When::off, When::always, When::interval));
  const std::string head = contents(directory.file());
  CHECK(std::count(head.begin(), head.end(), '\n') == 2);
  REQUIRE(run.take("a") == Past::Answer::run);
  run.succeed();
  CHECK_FALSE(run.journal.is_complete());
  CHECK(contents(directory.file()) == head);
  CHECK(run.journal.commit(at(1s)));
  CHECK(run.journal.is_complete());
  CHECK(run.journal.next() == never);
  run.journal.close(0, at(2s));
  const std::string text = contents(directory.file());
  CHECK(text.starts_with(head));
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK(text.find("{\"t\":\"close\"") != std::string::npos);
  CHECK(run.halt.lost_record().empty());
}

TEST_CASE("a run goes on where the one before was, in the same file") {
  const Directory directory;
  {
    Run run(request(directory.file()));
    run.take("a");
    run.succeed();
    CHECK(run.journal.commit(at(1s)));
    run.take("b");
    run.succeed();  // it is killed before that is written
  }
  CHECK_THROWS_AS(open_journal(request(directory.file())), Error);
  Run run(request(directory.file(), true));
  CHECK(run.open.head.run == 5);
  CHECK(run.open.head.session == 2);
  CHECK(run.open.notes.empty());
  CHECK(run.take("a") == Past::Answer::skip);
  CHECK(run.take("b") == Past::Answer::run);
}

TEST_CASE("a torn tail is cut off with a word, and what follows is whole") {
  const Directory directory;
  {
    Run run(request(directory.file()));
    run.take("a");
    run.succeed();
    run.journal.commit(at(1s));
  }
  std::filesystem::resize_file(directory.file(), contents(directory.file()).size() - 3);
  {
    Run run(request(directory.file(), true));
    CHECK(run.open.notes.size() == 1);
    CHECK(run.take("a") == Past::Answer::run);
  }
  CHECK(Run(request(directory.file(), true)).open.notes.empty());
}

TEST_CASE("a record that cannot be written leaves the file as it was, and is tried again") {
  const Directory directory;
  Run run(request(directory.file()));
  const std::string before = contents(directory.file());
  run.take("a");
  run.succeed();
  {
    const LargestFile limit(before.size() + 10);
    CHECK_FALSE(run.journal.commit(at(1s)));
    CHECK(run.journal.next() == at(2s));
  }
  CHECK(contents(directory.file()) == before);
  CHECK(run.halt.lost_record().find("cannot be written (File too large)") != std::string::npos);
  CHECK_FALSE(run.journal.is_complete());
  // There is room again, but it is not time yet.
  CHECK_FALSE(run.journal.commit(at(1500ms)));
  CHECK(contents(directory.file()) == before);
  // What happened is written; but nothing more may start.
  CHECK_FALSE(run.journal.commit(at(2s)));
  CHECK(run.journal.is_complete());
  CHECK(run.journal.next() == never);
  const std::string after = contents(directory.file());
  CHECK(std::count(after.begin(), after.end(), '\n') == 4);
}

TEST_CASE("at the end of the run what could not be written is tried at once") {
  const Directory directory;
  Run run(request(directory.file()));
  run.take("a");
  run.succeed();
  {
    const LargestFile limit(contents(directory.file()).size());
    CHECK_FALSE(run.journal.commit(at(1s)));
  }
  run.journal.close(74, at(1001ms));
  CHECK(run.journal.is_complete());
  const std::string after = contents(directory.file());
  CHECK(std::count(after.begin(), after.end(), '\n') == 5);
}

TEST_CASE("a head that cannot be written ends the run before it begins") {
  const Directory directory;
  const LargestFile limit(10);
  CHECK_THROWS_AS(Run(request(directory.file())), Error);
}

TEST_CASE("a journal that is removed while the run writes it is lost") {
  const Directory directory;
  Run run(request(directory.file()));
  std::filesystem::remove(directory.file());
  run.take("a");
  run.succeed();
  CHECK_FALSE(run.journal.commit(at(1s)));
  CHECK(run.halt.lost_record().find("was removed") != std::string::npos);
}

TEST_CASE("a journal that a run writes is not opened by another") {
  const Directory directory;
  const Run run(request(directory.file()));
  CHECK_THROWS_WITH(
      open_journal(request(directory.file(), true)),
      Catch::Contains("pid " + std::to_string(::getpid())) || Catch::Contains("another run"));
}
