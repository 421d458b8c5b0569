// Text for people.
#include "lib/core/text.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

TEST_CASE("escape leaves plain text and other scripts alone") {
  CHECK(escape("plain text, ünïcödé, 日本語, 🙂") ==
        "plain text, ünïcödé, 日本語, 🙂");
}

TEST_CASE("escape shows what would move the cursor or hide text") {
  CHECK(escape("a\nb\tc") == "a\\nb\\tc");
  CHECK(escape("\x1b[2J") == "\\x1B[2J");
  CHECK(escape("\xC2\x9B") == "\\u{009B}");
  CHECK(escape("\xE2\x80\xAE") == "\\u{202E}");
  CHECK(escape(std::string_view("\0", 1)) == "\\x00");
  CHECK(escape("\x7F") == "\\u{007F}");
}

TEST_CASE("escape shows bytes that are not UTF-8: cut, overlong, surrogates") {
  CHECK(escape("\xFFz") == "\\xFFz");
  CHECK(escape("\xE2\x82") == "\\xE2\\x82");
  CHECK(escape("\xC0\xAF") == "\\xC0\\xAF");
  CHECK(escape("\xED\xA0\x80") == "\\xED\\xA0\\x80");
}

TEST_CASE("clip cuts at whole characters and marks the cut") {
  CHECK(clip("abcdef", 6) == "abcdef");
  CHECK(clip("abcdef", 4) == "abc…");
  CHECK(clip("äöüß", 3) == "äö…");
  CHECK(clip("abc", 0).empty());
}

TEST_CASE("columns are those of a terminal: wide characters take two, marks none") {
  CHECK(columns("abc") == 3);
  CHECK(columns("日本語") == 6);
  CHECK(columns("한글") == 4);
  CHECK(columns("ｆｕｌｌ") == 8);
  CHECK(columns("e\xCC\x81") == 1);  // e and a combining acute
  CHECK(columns("🙂") == 2);
  CHECK(columns("█▏░·…") == 5);
  CHECK(columns("\xE2\x98\x81\xEF\xB8\x8F") == 1);  // a cloud and its variation selector
  CHECK(columns("\xFF\xFE") == 2);
  CHECK(characters("日本語e\xCC\x81") == 5);
}

TEST_CASE("clip leaves half of no wide character, and no mark without its character") {
  CHECK(clip("日本語", 6) == "日本語");
  CHECK(clip("日本語", 5) == "日本…");
  CHECK(clip("日本語", 4) == "日…");
  CHECK(clip("ae\xCC\x81x", 3) == "ae\xCC\x81x");
  CHECK(clip("ae\xCC\x81xy", 3) == "ae\xCC\x81…");
  CHECK(clip("日本語", 1) == "…");
}

TEST_CASE("shell_quote gives words that a shell reads back") {
  CHECK(shell_quote("plain-1.txt") == "plain-1.txt");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("$(id)") == "'$(id)'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
}

TEST_CASE("passwords in URLs are not shown, and nothing else is hidden") {
  CHECK(without_passwords("http://me:secret@host/path") == "http://me:***@host/path");
  CHECK(without_passwords("redis://:secret@host:6379") == "redis://:***@host:6379");
  CHECK(without_passwords("x://a:p:q@h@i y://b:r@j") == "x://a:***@i y://b:***@j");
  CHECK(without_passwords("a=http://u:1@h,'ftp://v:2@i' \"s://w:3@k\"") ==
        "a=http://u:***@h,'ftp://v:***@i' \"s://w:***@k\"");
  for (const std::string_view text :
       {"", "://", "no URL", "http://host:80/a@b", "http://me@host/x:y@z", "http://host/?q=a:b@c",
        "me:secret@host", "http://host:80 me@host", "a://b://c"}) {
    CHECK(without_passwords(text) == text);
  }
}

TEST_CASE("durations are shown in the unit that a person would use") {
  CHECK(human(0ms) == "0ms");
  CHECK(human(49us) == "<1ms");
  CHECK(human(3592us) == "3.6ms");
  CHECK(human(99ms) == "99ms");
  CHECK(human(1500ms) == "1.5s");
  CHECK(human(31s) == "31s");
  CHECK(human(59'960ms) == "1m 0s");
  CHECK(human(125s) == "2m 5s");
  CHECK(human(3h + 20min) == "3h 20m");
}

TEST_CASE("counted knows the singular") {
  CHECK(counted(1, "job") == "1 job");
  CHECK(counted(0, "job") == "0 jobs");
}
