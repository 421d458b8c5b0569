// Values as a user writes them, and back.
#include "cli/values.h"

#include "cli/names.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

/// The statuses of a list, or "refused".
std::string list(std::string_view text) {
  const auto set = parse_exit_list(text);
  if (!set) return "refused";
  std::string out;
  for (std::size_t i = 0; i < set->size(); ++i) {
    if ((*set)[i]) out += std::to_string(i) + " ";
  }
  return out;
}

std::string again(std::string_view exit_list) {
  return to_text(*parse_exit_list(exit_list));
}

std::string concurrency(std::string_view text) {
  const auto value = parse_concurrency(text);
  return value ? to_text(*value) : "refused";
}

std::string milestones(std::string_view text) {
  const auto value = parse_milestones(text);
  return value ? to_text(*value) : "refused";
}

const Setting& row(std::string_view name) {
  return settings_table()[*find_setting(name)];
}

/// What assign() says of `text`; "" where it takes it.
std::string problem(std::string_view name, std::string_view text) {
  Settings settings;
  return assign(settings, row(name), text);
}

/// `text` through the member and out again.
std::string through(std::string_view name, std::string_view text) {
  Settings settings;
  REQUIRE(assign(settings, row(name), text) == "");
  return text_of(settings, row(name));
}

}  // namespace

TEST_CASE("a duration has a unit, and a bare number is seconds") {
  CHECK(parse_duration("250ms") == Duration(250ms));
  CHECK(parse_duration("1.5s") == Duration(1500ms));
  CHECK(parse_duration("2m") == Duration(2min));
  CHECK(parse_duration("1h") == Duration(1h));
  CHECK(parse_duration("1d") == Duration(24h));
  CHECK(parse_duration("7us") == Duration(7us));
  CHECK(parse_duration("9ns") == Duration(9ns));
  CHECK(parse_duration("30") == Duration(30s));
  CHECK(parse_duration("0.1") == Duration(100ms));
  CHECK(parse_duration(".5s") == Duration(500ms));
  CHECK(parse_duration("0") == Duration(0));
}

TEST_CASE("a fraction of a duration is exact") {
  CHECK(parse_duration("0.000000001s") == Duration(1ns));
  CHECK(parse_duration("364.9999d") == Duration(365 * 24h - 8640ms));
  CHECK(parse_duration("1.123456789s") == Duration(1123456789ns));
}

TEST_CASE("what is no duration is refused") {
  for (const char* text : {"", "s", ".", "1.", ".s", "-1s", "+1s", "1 s", "1S", "1m30s", "1e3",
                           "inf", "0x10", "1s ", "99999999999999999999", "9223372036854775807d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("a duration is printed in its shortest spelling") {
  CHECK(to_text(Duration(0)) == "0");
  CHECK(to_text(Duration(1500ms)) == "1.5s");
  CHECK(to_text(Duration(250ms)) == "250ms");
  CHECK(to_text(Duration(60s)) == "1m");
  CHECK(to_text(Duration(90s)) == "90s");
  CHECK(to_text(Duration(24h)) == "1d");
  CHECK(to_text(Duration(365 * 24h)) == "365d");
  CHECK(to_text(Duration(1123456789ns)) == "1123456789ns");
}

TEST_CASE("every duration that is printed is read as itself") {
  for (std::int64_t n = 1; n < 31'536'000'000'000'000; n = n * 3 + n % 7) {
    CAPTURE(n);
    CHECK(parse_duration(to_text(Duration(n))) == Duration(n));
  }
}

TEST_CASE("a size may have a suffix, and a K is 1024") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("500") == 500);
  CHECK(parse_size("64K") == 64 * 1024);
  CHECK(parse_size("1M") == 1 << 20);
  CHECK(parse_size("2G") == std::uint64_t{2} << 30);
  for (const char* text : {"", "K", "1k", "1KB", "1.5M", "-1", "1 M", "99999999T"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("a size is printed with the largest suffix that is exact") {
  CHECK(size_text(1 << 20) == "1M");
  CHECK(size_text(1536) == "1536");
  CHECK(size_text(3 * 1024) == "3K");
  CHECK(size_text(0) == "0");
}

TEST_CASE("an exit list holds statuses and runs of them") {
  CHECK(list("1,3-7") == "1 3 4 5 6 7 ");
  CHECK(list("255") == "255 ");
  CHECK(list("") == "");
}

TEST_CASE("! takes out of an exit list, from left to right") {
  CHECK(list("1-5,!2-4") == "1 5 ");
  CHECK(list("!2,2") == list("1-255"));
  CHECK(list("0,!0") == "");
}

TEST_CASE("an exit list that begins with ! begins with all but 0") {
  CHECK(parse_exit_list("!75")->count() == 254);
  CHECK_FALSE(parse_exit_list("!75")->test(75));
  CHECK_FALSE(parse_exit_list("!75")->test(0));
}

TEST_CASE("what is no exit list is refused") {
  for (const char* text :
       {",", "1,", "256", "-1", "7-3", "1-", "1-256", "a", "1 2", "!", "1-2-3", "!!1", "1;2"}) {
    CAPTURE(text);
    CHECK(list(text) == "refused");
  }
}

TEST_CASE("an exit list is printed in its shortest spelling") {
  CHECK(again("64,65,66,77,78,126,127") == "64-66,77,78,126,127");
  CHECK(again("1-74,76-255") == "!75");
  CHECK(again("!75,0") == "!75,0");
  CHECK(again("1-255") == "1-255");
  CHECK(again("") == "");
  CHECK(again("0-255") == "0-255");
}

TEST_CASE("every exit list that is printed is read as itself") {
  unsigned state = 1;
  for (int round = 0; round < 500; ++round) {
    ExitSet set;
    for (std::size_t i = 0; i < set.size(); ++i) {
      state = state * 1664525 + 1013904223;
      set[i] = (state >> 16) % 16 < static_cast<unsigned>(round % 17);
    }
    CAPTURE(to_text(set));
    CHECK(parse_exit_list(to_text(set)) == set);
  }
}

TEST_CASE("concurrency is a number, a part of the cores, or more than the cores") {
  CHECK(parse_concurrency("8")->resolve(4) == 8);
  CHECK(parse_concurrency("50%")->resolve(4) == 2);
  CHECK(parse_concurrency("+2")->resolve(4) == 6);
  CHECK(parse_concurrency("+0")->resolve(4) == 4);
  for (const char* text : {"8", "50%", "+2", "0", "100%"}) CHECK(concurrency(text) == text);
  for (const char* text : {"", "%", "+", "-1", "+5%", "1.5", "8x", "99999999999"}) {
    CAPTURE(text);
    CHECK(concurrency(text) == "refused");
  }
}

TEST_CASE("concurrency comes to at least one job and at most a million") {
  CHECK(parse_concurrency("1%")->resolve(2) == 1);
  CHECK(parse_concurrency("1000000%")->resolve(1000) == 1'000'000);
  CHECK(parse_concurrency("+2147483647")->resolve(64) == 1'000'000);
  CHECK(parse_concurrency("0")->resolve(4) == 0);
}

TEST_CASE("a rate is a number in a time, and the 1 of the time may be left out") {
  CHECK(parse_rate("10/s") == Rate{10, 1s});
  CHECK(parse_rate("100/m") == Rate{100, 60s});
  CHECK(parse_rate("5000/h") == Rate{5000, 1h});
  CHECK(parse_rate("5/10s") == Rate{5, 10s});
  CHECK(parse_rate("5/10") == Rate{5, 10s});
  CHECK(parse_rate("1/.5s") == Rate{1, 500ms});
  CHECK(parse_rate("7/1ms") == Rate{7, 1ms});
  CHECK(parse_rate("1000000000000/365d") == Rate{1'000'000'000'000, 365 * 24h});
  CHECK(parse_rate("none") == Rate{});
}

TEST_CASE("what is no rate is refused") {
  for (const char* text : {"",       "/",     "10",       "10/",     "/s",
                           "0/s",    "-1/s",  "+1/s",     "0.5/s",   "10/0",
                           "10/0s",  "10/us", "10/999us", "10/366d", "1000000000001/s",
                           "10 / s", "10/s ", "10/s/s",   "10/1x",   "None"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text));
  }
}

TEST_CASE("a rate is printed in its shortest spelling and read as itself") {
  for (const char* text :
       {"10/s", "100/m", "5000/h", "5/10s", "1/d", "3/500ms", "3/ms", "1/90s", "1/1.5ms", "none"}) {
    CAPTURE(text);
    CHECK(to_text(*parse_rate(text)) == text);
  }
  CHECK(to_text(*parse_rate("60/60s")) == "60/m");
  CHECK(to_text(*parse_rate("60/1s")) == "60/s");
}

TEST_CASE("a label has a name that metrics can have, and any value") {
  CHECK(parse_label("team=")->name == "team");
  CHECK(parse_label("_A9=x=\xFF y")->value == "x=\xFF y");
  for (const char* text :
       {"", "team", "=x", "9a=x", "__a=x", "a-b=x", "t\u00E9=x", "le=x", "gate=x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_label(text));
  }
}

TEST_CASE("milestones are told by percent, time or jobs") {
  CHECK(parse_milestones("10%")->percent == 10);
  CHECK(parse_milestones("30s")->period == Duration(30s));
  CHECK(parse_milestones("1000")->jobs == 1000);
  for (const char* text : {"10%", "30s", "1000", "100%", "1.5s"}) CHECK(milestones(text) == text);
  for (const char* text : {"", "0", "0%", "101%", "0s", "-5s", "1.5%", "often"}) {
    CAPTURE(text);
    CHECK(milestones(text) == "refused");
  }
}

TEST_CASE("a delimiter is one byte or an escape for one") {
  CHECK(parse_byte(",") == ",");
  CHECK(parse_byte("\\") == "\\");
  CHECK(parse_byte("\\n") == "\n");
  CHECK(parse_byte("\\t") == "\t");
  CHECK(parse_byte("\\\\") == "\\");
  CHECK(parse_byte("\\0") == std::string(1, '\0'));
  CHECK(parse_byte("\\xfF") == "\xff");
  CHECK_FALSE(parse_byte(""));
  for (const char* text : {"ab", "\\a", "\\x1", "\\x1g", "\\x123", "\\xx1", "é"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_byte(text));
  }
}

TEST_CASE("every delimiter that is printed is read as itself") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    CHECK(parse_byte(byte_text(text)) == text);
  }
}

TEST_CASE("a switch is true or false") {
  for (const char* text : {"true", "1", "yes"}) CHECK(parse_bool(text) == true);
  for (const char* text : {"false", "0", "no"}) CHECK(parse_bool(text) == false);
  for (const char* text : {"", "TRUE", "2", "t"}) CHECK_FALSE(parse_bool(text));
}

TEST_CASE("a decimal number has no sign and is finite") {
  CHECK(parse_decimal("0.5") == 0.5);
  CHECK(parse_decimal("5") == 5);
  for (const char* text : {"", "-1", "+1", "inf", "nan", "1x", "1e999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
  CHECK(to_text(0.5) == "0.5");
}

TEST_CASE("a value out of its range is refused with the range") {
  CHECK(problem("retry.max_attempts", "0") == "must be a whole number from 1 to 1000000");
  CHECK(problem("retry.max_attempts", "1000001") == "must be a whole number from 1 to 1000000");
  CHECK(problem("retry.max_attempts", "99999999999999999999") != "");
  CHECK(problem("retry.max_attempts", "3x") != "");
  CHECK(problem("jitter_fraction", "1.01") == "must be a number from 0 to 1");
  CHECK(problem("kill_grace", "366d") ==
        "must be a duration such as 250ms, 1.5s, 2m, 1h or 1d, from 0 to 365d");
  CHECK(problem("failure_window", "0") != "");
  CHECK(problem("max_line", "0") == "must be a size such as 500, 64K or 1M, from 1 to 1G");
  CHECK(problem("max_line", "2G") != "");
  CHECK(problem("output", "lines") == "must be group, line, inherit or discard");
  CHECK(problem("color", "") == "must be auto, always or never");
  CHECK(problem("quiet", "maybe") == "must be true or false");
}

TEST_CASE("the ends of a range are in it") {
  for (const char* text : {"1", "1000000"}) CHECK(problem("retry.max_attempts", text) == "");
  for (const char* text : {"0", "1", "0.5"}) CHECK(problem("jitter_fraction", text) == "");
  for (const char* text : {"0", "365d"}) CHECK(problem("kill_grace", text) == "");
}

TEST_CASE("no cap on concurrency is a number of jobs, not a part of the cores") {
  CHECK(problem("max_concurrency", "0") == "");
  CHECK(problem("max_concurrency", "0%").starts_with("must be a number of jobs from 0"));
  CHECK(problem("max_concurrency", "1000001") != "");
  CHECK(problem("max_concurrency", "+0") == "");
}

TEST_CASE("an empty mark, file or list of successes is refused") {
  CHECK(problem("replace", "") == "must not be empty");
  CHECK(problem("input", "") == "must not be empty");
  CHECK(problem("success_exit", "") == "must not be empty");
  CHECK(problem("overload_exit", "") == "");
}

TEST_CASE("auto is written for a number that is found out") {
  Settings settings;
  REQUIRE(assign(settings, row("initial_concurrency"), "auto") == "");
  CHECK(settings.initial_concurrency == 0);
  CHECK(text_of(settings, row("initial_concurrency")) == "auto");
  CHECK(problem("initial_concurrency", "0") == "must be auto or a whole number from 1 to 1000000");
}

TEST_CASE("a refused value leaves the setting as it was") {
  Settings settings;
  REQUIRE(assign(settings, row("kill_grace"), "7s") == "");
  REQUIRE(assign(settings, row("kill_grace"), "soon") != "");
  CHECK(settings.kill_grace == Duration(7s));
}

TEST_CASE("a value of each type comes out as it went in") {
  CHECK(through("quiet", "true") == "true");
  CHECK(through("failure_threshold", "7") == "7");
  CHECK(through("total_tasks", "123456789012") == "123456789012");
  CHECK(through("max_line", "64K") == "64K");
  CHECK(through("jitter_fraction", "0.25") == "0.25");
  CHECK(through("retry.base_delay", "1.5s") == "1.5s");
  CHECK(through("replace", "[]") == "[]");
  CHECK(through("delimiter", "\\x01") == "\\x01");
  CHECK(through("max_concurrency", "+2") == "+2");
  CHECK(through("milestones", "30s") == "30s");
  CHECK(through("overload_exit", "!1-9") == "!1-9");
  CHECK(through("rate", "60/60s") == "60/m");
  CHECK(through("token_budget.window", "none") == "none");
  CHECK(through("token_budget.window", "90") == "90s");
}
