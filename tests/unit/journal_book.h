// A journal in memory, and sessions that write it as runs do.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/record/journal_opening.h"
#include "lib/record/journal_past.h"
#include "lib/record/journal_scan.h"
#include "lib/record/journal_text.h"
#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

namespace gentlify::test {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("journal", MFD_CLOEXEC)) {
    std::size_t done = 0;
    while (fd_ >= 0 && done < bytes.size()) {
      const ssize_t n = ::write(fd_, bytes.data() + done, bytes.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    REQUIRE(done == bytes.size());
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

inline JournalText::Settings plain_text() {
  JournalText::Settings settings;
  settings.clock = [] { return std::chrono::system_clock::time_point(1'700'000'000s); };
  return settings;
}

struct Book {
  std::string text;
  Known known = Known::by_number;
  bool pushed = false;  ///< see JournalPast::make

  /// Takes the first line that holds `mark` out.
  void lose_line(std::string_view mark) {
    const std::size_t found = text.find(mark);
    REQUIRE(found != std::string::npos);
    const std::size_t begin = text.rfind('\n', found) + 1;
    text.erase(begin, text.find('\n', found) + 1 - begin);
  }
  std::size_t count(std::string_view mark) const {
    std::size_t n = 0;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      ++n;
    }
    return n;
  }
};

/// A run that goes on from a book, and writes on in it.
class Session {
 public:
  struct Taken {
    Past::Answer answer{};
    Job job;
  };

  explicit Session(Book& book, bool again = false) : book_(book), text_(plain_text(), book.known) {
    read(again);
    if (past_->any_by_content() && book.known == Known::by_number) {
      book.known = Known::by_content;
      text_ = JournalText(plain_text(), book.known);
      read(again);
    }
    past_->settle();
    book.text.resize(scan_.good_end);
    record::Head head = past_->last_head();
    if (!past_->first_head()) head.run = 77;
    ++head.session;
    head.known = book.known;
    if (!past_->first_head()) past_->begin(head);
    text_.head(head, {});
    if (head.session == 1) text_.head(head, {});
    past_->on_block([this](const record::Block& block) { text_.block(block); });
    past_->find_started_by([this](std::uint64_t first, std::uint64_t last) {
      return find_started(MemoryFile(book_.text).fd(), first, last);
    });
    write();
  }

  JournalPast& past() { return *past_; }
  const JournalScan& scan() const { return scan_; }

  Taken take(std::string item) {
    ++taken_;
    return take(taken_, std::move(item));
  }
  Taken take(std::uint64_t number, std::string item) {
    Taken taken;
    taken.job.id = JobId{number};
    taken.job.line = number;
    taken.job.item = std::move(item);
    taken.answer = past_->take(taken.job);
    write();
    return taken;
  }
  Job job(std::string item) {
    Taken taken = take(std::move(item));
    REQUIRE(taken.answer == Past::Answer::run);
    return std::move(taken.job);
  }
  /// A letter for each item: runs, is skipped, has changed.
  std::string answers(const std::vector<std::string>& items) {
    std::string letters;
    for (const std::string& item : items) {
      const Past::Answer answer = take(item).answer;
      letters += answer == Past::Answer::run ? 'r' : answer == Past::Answer::skip ? 's' : 'c';
      if (answer == Past::Answer::changed) break;  // nothing more is to be taken
    }
    return letters;
  }
  bool end_input() {
    const bool good = past_->end();
    write();
    return good;
  }

  void start(Job& job) {
    ++job.attempts;
    tell(event::Started{job, 1, 1});
  }
  void end(Job& job, Verdict verdict, Fate fate) {
    if (verdict == Verdict::stopped) --job.attempts;
    if (verdict == Verdict::failure) ++job.failures;
    if (verdict == Verdict::overload) ++job.overloads;
    const Outcome outcome{verdict, {}, "why", {}};
    tell(event::Ended{job, outcome, 1s, fate, 0});
  }
  /// Settles it without an attempt.
  void refuse(const Job& job) {
    const Outcome outcome{Verdict::permanent, {}, "unusable", {}};
    tell(event::Ended{job, outcome, {}, Fate::failed, 0, false});
  }
  /// Its fallback has ended.
  void end_fallback(const Job& job, Verdict verdict, Fate fate) {
    const Outcome outcome{verdict, {}, "why", {}};
    tell(event::Ended{job, outcome, 1s, fate, 0, false, {}, Gate::none, true});
  }
  void run(Job& job, Verdict verdict, Fate fate) {
    start(job);
    end(job, verdict, fate);
  }
  Job run(std::string item, Verdict verdict, Fate fate) {
    Job taken = job(std::move(item));
    run(taken, verdict, fate);
    return taken;
  }
  Job succeed(std::string item) { return run(std::move(item), Verdict::success, Fate::done); }
  Job fail(std::string item) { return run(std::move(item), Verdict::failure, Fate::failed); }

 private:
  void read(bool again) {
    const MemoryFile file(book_.text);
    past_ = JournalPast::make(book_.known, again, book_.pushed);
    if (book_.known == Known::by_content) past_->expect(count_done(file.fd()));
    scan_ = scan_journal(
        file.fd(), [this](const Record& record, std::string_view) { return past_->learn(record); });
    CHECK(scan_.error == 0);
  }
  void tell(const Event& event) {
    text_.event(event, at(1s));
    write();
  }
  void write() { book_.text += std::exchange(text_.pending(), {}); }

  Book& book_;
  JournalText text_;
  std::unique_ptr<JournalPast> past_;
  JournalScan scan_;
  std::uint64_t taken_ = 0;
};

}  // namespace gentlify::test
