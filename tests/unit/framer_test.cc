// Where records end, however the bytes come.
#include "lib/engine/input/framer.h"

#include <string>
#include <vector>

#include "lib/control/random.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Records = std::vector<std::string>;

/// The records of `bytes`, which come in pieces of `size`.
Records records(Framer framer, std::string_view bytes, std::size_t size = 1000) {
  Records all;
  std::string record;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const Framer::Cut cut = framer.cut(piece);
      record += piece.substr(0, cut.length);
      piece.remove_prefix(cut.length + cut.skip);
      if (cut.ended) all.push_back(std::exchange(record, {}));
    }
  }
  if (!record.empty()) all.push_back(record);
  return all;
}

}  // namespace

TEST_CASE("a row ends with its line, of whatever kind, but not inside quotes") {
  CHECK(records(Framer::table(','), "a,b\nc\r\nd\re") == Records{"a,b", "c", "d", "e"});
  CHECK(records(Framer::table(','), "\"a\nb\",c\n\"x\"\"\n\"\n") ==
        Records{"\"a\nb\",c", "\"x\"\"\n\""});
  CHECK(records(Framer::table(','), "\n\r\n\r\r\n") == Records{"", "", "", ""});
}

TEST_CASE("a quote that does not begin a column is a byte like any other") {
  CHECK(records(Framer::table(','), "5\" nail,a\nb\n") == Records{"5\" nail,a", "b"});
  CHECK(records(Framer::table(';'), "a,\"b;\nc\n") == Records{"a,\"b;", "c"});
}

TEST_CASE("a byte order mark does not hide the quote of the first column") {
  for (const std::size_t size : {1U, 2U, 100U}) {
    CHECK(records(Framer::table(','), "\xEF\xBB\xBF\"a\nb\",c\nd", size) ==
          Records{"\xEF\xBB\xBF\"a\nb\",c", "d"});
    CHECK(records(Framer::table(','), "\xEF\xBB\"a\nb", size) == Records{"\xEF\xBB\"a", "b"});
    CHECK(records(Framer::table(','), "x\n\xEF\xBB\xBF\"a\nb", size).size() == 3);
  }
}

TEST_CASE("what follows a closing quote spoils the row, which ends with its line") {
  CHECK(records(Framer::table(','), "\"a\"x,\"b\nc\n") == Records{"\"a\"x,\"b", "c"});
}

TEST_CASE("a quote that is not closed takes all that follows") {
  CHECK(records(Framer::table(','), "a,\"b\nc\nd") == Records{"a,\"b\nc\nd"});
}

TEST_CASE("lines are counted through quoted line ends") {
  Framer framer = Framer::table(',');
  CHECK(framer.cut("a\n").ended);
  CHECK(framer.record_line() == 1);
  CHECK(framer.cut("\"b\n\n\"\n").ended);
  CHECK(framer.record_line() == 2);
  CHECK(framer.cut("c\n").ended);
  CHECK(framer.record_line() == 5);
  framer.restart();
  CHECK(framer.cut("d\n").ended);
  CHECK(framer.record_line() == 1);
}

TEST_CASE("the pieces in which bytes come change nothing") {
  Random random(1);
  constexpr std::string_view alphabet = "a,\"\n\r;";
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::uint64_t left = random.next() % 20; left > 0; --left) {
      bytes += alphabet[random.next() % alphabet.size()];
    }
    const Records whole = records(Framer::table(','), bytes);
    CAPTURE(bytes);
    for (const std::size_t size : {1U, 2U, 3U}) {
      CHECK(records(Framer::table(','), bytes, size) == whole);
    }
    CHECK(records(Framer::delimited(';'), bytes, 1) == records(Framer::delimited(';'), bytes));
  }
}
