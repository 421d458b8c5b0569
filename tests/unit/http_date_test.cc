// The three forms of an HTTP date.
#include "lib/engine/http_date.h"

#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds in_2026 = std::chrono::sys_days(2026y / 11 / 22) + 12h;

/// Seconds since 1970; -1 for no date.
std::int64_t seconds_of(std::string_view text, std::chrono::sys_seconds now = in_2026) {
  const auto date = parse_http_date(text, now);
  return date ? date->time_since_epoch().count() : -1;
}

int year_of(std::string_view text, std::chrono::sys_seconds now) {
  const std::chrono::year_month_day date(
      std::chrono::floor<std::chrono::days>(*parse_http_date(text, now)));
  return static_cast<int>(date.year());
}

}  // namespace

TEST_CASE("the three forms of RFC 9110 are the same second") {
  CHECK(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Sun Nov  6 08:49:37 1994") == 784111777);
  CHECK(seconds_of("Wed Nov 16 08:49:37 1994") == 784975777);
}

TEST_CASE("a date is read alike in every time zone and locale") {
  const char* zone = std::getenv("TZ");
  const std::string before = zone != nullptr ? zone : "";
  ::setenv("TZ", "Pacific/Auckland", 1);
  ::tzset();
  CHECK(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Sun Nov  6 08:49:37 1994") == 784111777);
  before.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before.c_str(), 1);
  ::tzset();
}

TEST_CASE("leap years and leap seconds are those of the calendar") {
  CHECK(seconds_of("Thu, 29 Feb 2024 00:00:00 GMT") == 1709164800);
  CHECK(seconds_of("Tue, 29 Feb 2000 23:59:59 GMT") == 951868799);
  CHECK(seconds_of("Wed, 29 Feb 2023 00:00:00 GMT") == -1);
  CHECK(seconds_of("Mon, 29 Feb 2100 00:00:00 GMT") == -1);
  CHECK(seconds_of("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800);
}

TEST_CASE("a year of two digits is the last one that is not over 50 years ahead") {
  CHECK(year_of("Monday, 01-Jan-76 00:00:00 GMT", in_2026) == 2076);
  CHECK(year_of("Monday, 01-Jan-77 00:00:00 GMT", in_2026) == 1977);
  CHECK(year_of("Monday, 01-Jan-26 00:00:00 GMT", in_2026) == 2026);
  CHECK(year_of("Monday, 01-Jan-02 00:00:00 GMT", std::chrono::sys_days(2098y / 5 / 1)) == 2102);
}

TEST_CASE("the day of the week must be one, but need not be the right one") {
  CHECK(seconds_of("Mon, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Son, 06 Nov 1994 08:49:37 GMT") == -1);
}

TEST_CASE("what is not a date of HTTP is refused") {
  const auto* const text = GENERATE(
      "", "Sun", "Sunday", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
      "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov 1994 08:49:-1 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
      "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 94", "1994-11-06T08:49:37Z", "784111777");
  CHECK(seconds_of(text) == -1);
}
