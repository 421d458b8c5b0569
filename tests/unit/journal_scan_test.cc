// A journal, read from its beginning to its end.
#include "lib/record/journal_scan.h"

#include <fcntl.h>

#include "lib/record/journal_line.h"
#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

std::string sealed(std::string line) {
  seal(line, 0);
  return line;
}

JournalScan scan(const std::string& text) {
  return scan_journal(MemoryFile(text).fd(), [](const Record&, std::string_view) { return true; });
}

/// A small journal, as a run writes it.
std::string small() {
  Book book;
  Session session(book);
  Job a = session.job("a");
  Job b = session.job("b");
  session.start(a);
  session.start(b);
  session.end(a, Verdict::success, Fate::done);
  session.end(b, Verdict::failure, Fate::retry);
  session.end_input();
  return book.text;
}

std::uint64_t lines_of(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

const std::string one = sealed(R"({"t":"state","n":1)");
const std::string two = sealed(R"({"t":"state","n":2)");

}  // namespace

TEST_CASE("an empty journal has nothing in it") {
  const JournalScan found = scan("");
  CHECK(found.bytes == 0);
  CHECK(found.lines == 0);
  CHECK(found.records == 0);
  CHECK_FALSE(found.damage);
  CHECK(found.error == 0);
}

TEST_CASE("a whole journal is good to its end, and each record comes with its line") {
  const std::string text = small();
  std::string lines;
  const JournalScan found =
      scan_journal(MemoryFile(text).fd(), [&](const Record&, std::string_view line) {
        lines += line;
        return true;
      });
  CHECK(lines == text);
  CHECK(found.records == lines_of(text));
  CHECK(found.lines == found.records);
  CHECK(found.good_end == text.size());
  CHECK(found.bytes == text.size());
  CHECK_FALSE(found.damage);
}

TEST_CASE("a torn tail is behind the good end, and is no damage") {
  const std::string tail = GENERATE_COPY(
      std::string("{"), two.substr(0, two.size() - 1), two.substr(0, 10), std::string(5000, '\0'),
      std::string("garbage\nmore\n\n\xFF"), std::string("\n"), std::string("{}\n"),
      two.substr(0, 20) + std::string(3000, '\0') + '\n', std::string(9 << 20, 'x'),
      std::string(9 << 20, 'x') + "\ny\n");
  const JournalScan found = scan(one + one + tail);
  CHECK(found.records == 2);
  CHECK(found.good_end == 2 * one.size());
  CHECK(found.bytes == 2 * one.size() + tail.size());
  CHECK_FALSE(found.damage);
}

TEST_CASE("a bad record before a good one is damage, and is named") {
  const std::string bad = GENERATE_COPY(
      std::string("\n"), std::string("x\n"), one.substr(1), std::string(5000, '\0') + '\n',
      sealed(R"({"n":1)"), sealed(R"({"t":"start","seq":0)"), std::string(9 << 20, 'x') + '\n');
  const JournalScan found = scan(one + bad + bad + two);
  CHECK(found.lines == 4);
  CHECK(found.records == 2);
  CHECK(found.good_end == found.bytes);
  REQUIRE(found.damage);
  CHECK(found.damage->line == 2);
}

TEST_CASE("damage is where the first bad record begins, however long that is") {
  const std::string bad = GENERATE(std::string("x\n"), std::string(9 << 20, 'x') + '\n');
  const JournalScan found = scan(one + bad + two + bad + two);
  REQUIRE(found.damage);
  CHECK(found.damage->line == 2);
  CHECK(found.damage->offset == one.size());
}

TEST_CASE("where a newline is damaged, the record behind it is found all the same") {
  std::string text = one + two + one;
  text[one.size() - 1] = 'x';
  std::string lines;
  const JournalScan found =
      scan_journal(MemoryFile(text).fd(), [&](const Record&, std::string_view line) {
        lines += line;
        return true;
      });
  CHECK(lines == two + one);
  CHECK(found.lines == 2);
  CHECK(found.records == 2);
  CHECK(found.good_end == text.size());
  REQUIRE(found.damage);
  CHECK(found.damage->line == 1);
  CHECK(found.damage->offset == 0);
}

TEST_CASE("a line longer than what is read at once is one line") {
  const std::size_t size = GENERATE(1'000'000U, 1'048'577U, 3'000'000U, 4'000'000U);
  const std::string text = sealed(R"({"t":"state","line":")" + std::string(size, 'x') + '"');
  const JournalScan found = scan(one + text + two);
  CHECK(found.records == 3);
  CHECK(found.good_end == found.bytes);
  CHECK_FALSE(found.damage);
}

TEST_CASE("records are found wherever the pieces that are read end") {
  std::string text;
  std::uint64_t records = 0;
  for (std::size_t i = 0; text.size() < (5U << 20); ++i, ++records) {
    text += sealed(R"({"t":"state","line":")" + std::string(i % 700, 'x') + '"');
  }
  const JournalScan found = scan(text);
  CHECK(found.records == records);
  CHECK(found.good_end == text.size());
  CHECK_FALSE(found.damage);
}

TEST_CASE("what cannot stand where it is, is damage even at the end") {
  const JournalScan found = scan_journal(
      MemoryFile(one + two).fd(),
      [](const Record&, std::string_view line) { return line == std::string_view(one); });
  CHECK(found.records == 1);
  CHECK(found.good_end == one.size());
  REQUIRE(found.damage);
  CHECK(found.damage->line == 2);
  CHECK(found.damage->offset == one.size());
}

TEST_CASE("wherever a journal is cut off, its whole records are good and there is no damage") {
  const std::string text = small();
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string head = text.substr(0, size);
    const JournalScan found = scan(head);
    const std::uint64_t whole = lines_of(head);
    if (found.records != whole || found.damage || found.bytes != size ||
        found.good_end != head.rfind('\n') + 1) {
      FAIL("cut at " << size);
    }
  }
}

TEST_CASE("whichever byte of a journal flips, one record is lost and none is made up") {
  const std::string text = small();
  const std::uint64_t records = lines_of(text);
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const unsigned flip :
         {0x01U, 0x80U, 0xFFU, unsigned{'\n'} ^ static_cast<unsigned char>(text[i])}) {
      if (flip == 0) continue;
      std::string altered = text;
      altered[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ flip);
      const JournalScan found =
          scan_journal(MemoryFile(altered).fd(), [&](const Record&, std::string_view line) {
            if (text.find(line) == std::string::npos) FAIL("byte " << i << ": " << line);
            return true;
          });
      // A newline at the end of a record that is damaged costs that one only.
      if (found.records != records - 1) FAIL("byte " << i);
      // In the last record it is a torn tail.
      if (found.damage.has_value() != (i < last)) FAIL("byte " << i << " is damaged");
      if (altered[found.good_end - 1] != '\n') FAIL("byte " << i << " is not at a line's end");
    }
  }
}

TEST_CASE("a good seal on what is no record is damage even at the end: nobody tears that") {
  const JournalScan found = scan(one + sealed(R"({"n":1)"));
  CHECK(found.records == 1);
  CHECK(found.good_end == one.size());
  CHECK(found.damage);
}

TEST_CASE("a journal that cannot be read says why") {
  const int fd = ::open("/", O_RDONLY | O_CLOEXEC);
  const JournalScan found = scan_journal(fd, [](const Record&, std::string_view) { return true; });
  ::close(fd);
  CHECK(found.error == EISDIR);
}

TEST_CASE("jobs that are done are counted in passing, wherever the pieces that are read end") {
  Book book;
  Session session(book);
  std::string text = book.text;
  std::uint64_t done = 0;
  for (std::size_t i = 0; text.size() < (3U << 20); ++i) {
    const bool is_done = i % 3 != 0;
    text += R"({"t":"end","fate":")" + std::string(is_done ? "done" : "failed") + R"(","line":")" +
            std::string(i % 257, 'x') + R"(\"fate\":\"done\""})" + '\n';
    if (is_done) ++done;
  }
  CHECK(count_done(MemoryFile(text).fd()) == done);
  CHECK(count_done(MemoryFile("").fd()) == 0);
}
