// What jobs report.
#include "lib/engine/report.h"

#include <limits>

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

/// 2026-11-22 12:00:00.25 on the wall, 100 s into the run.
constexpr WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h + 250ms;
constexpr TimePoint now = TimePoint{} + 100s;

Report report(std::string_view text) {
  ReportReader reader;
  reader.read(text, now, wall);
  reader.end(now, wall);
  return reader.report();
}

/// How long a report asks to wait; nothing where it does not.
std::optional<Duration> wait(std::string_view text) {
  const Report r = report(text);
  return r.not_before ? std::optional(*r.not_before - now) : std::nullopt;
}

/// The line that is not understood; empty where all is.
std::string unknown(std::string_view text) {
  return report(text).unknown.value_or("");
}

}  // namespace

TEST_CASE("each kind of line is understood, with spaces and carriage returns around it") {
  const Report r = report("cost 12\noverload\r\n  permanent \n\nretry-after\t30\n");
  CHECK(r.cost == 12U);
  CHECK(r.overload);
  CHECK(r.permanent);
  CHECK(r.not_before == now + 30s);
  CHECK_FALSE(r.unknown);
}

TEST_CASE("a job that reports nothing has said nothing") {
  const Report r = report("");
  CHECK_FALSE((r.cost || r.not_before || r.overload || r.permanent || r.unknown));
}

TEST_CASE("costs add up, to the most there is") {
  CHECK(report("cost 3\ncost 4\n").cost == 7U);
  CHECK(report("cost 0\n").cost == 0U);
  CHECK(report("cost 18446744073709551615\ncost 1\n").cost == std::numeric_limits<Cost>::max());
}

TEST_CASE("retry-after is a number of seconds or a date, and what is past is now") {
  CHECK(wait("retry-after 0\n") == 0s);
  CHECK(wait("retry-after 0.25\n") == 250ms);
  CHECK(wait("retry-after Sun, 22 Nov 2026 12:00:30 GMT\n") == 29750ms);
  CHECK(wait("retry-after Sunday, 22-Nov-26 12:00:30 GMT\n") == 29750ms);
  CHECK(wait("retry-after Sun Nov 22 12:00:30 2026\n") == 29750ms);
  CHECK(wait("retry-after Sun, 22 Nov 2026 12:00:00 GMT\n") == 0s);
  CHECK(wait("retry-after Sun, 06 Nov 1994 08:49:37 GMT\n") == 0s);
}

TEST_CASE("a header's line ends in a carriage return, and that is no part of its value") {
  CHECK(parse_retry_after(" 30\r", WallTime{}) == Duration(30s));
  CHECK(parse_cost("7\r") == Cost{7});
}

TEST_CASE("nobody waits for longer than a year") {
  CHECK(wait("retry-after 1" + std::string(200, '0')) == 8760h);
  CHECK(wait("retry-after 99999999999\n") == 8760h);
  CHECK(wait("retry-after Fri, 31 Dec 9999 23:59:59 GMT\n") == 8760h - 250ms);
}

TEST_CASE("of several waits the latest holds, each counted from when it was read") {
  CHECK(wait("retry-after 30\nretry-after 5\n") == 30s);
  ReportReader reader;
  reader.read("retry-after 30\n", now, wall);
  reader.read("retry-after 10\n", now + 25s, wall + 25s);
  CHECK(reader.report().not_before == now + 35s);
}

TEST_CASE("lines are put together from pieces, and the last one needs no newline") {
  ReportReader reader;
  for (const char c : std::string_view("cost 41\noverlo")) reader.read({&c, 1}, now, wall);
  CHECK(reader.report().cost == 41U);
  CHECK_FALSE(reader.report().overload);
  reader.read("ad", now, wall);
  reader.end(now, wall);
  CHECK(reader.report().overload);
}

TEST_CASE("the first line that is not understood is kept, and the others count") {
  const auto* const line = GENERATE("cost", "cost -1", "cost 1.5", "cost 18446744073709551616",
                                    "cost 1 2", "retry-after", "retry-after -1", "retry-after 1e3",
                                    "retry-after inf", "retry-after 3s", "retry-after soon",
                                    "Overload", "overload now", "permanent 1", "overloaded", "x");
  const Report r = report("cost 1\n" + std::string(line) + "\nsomething else\ncost 2\n");
  CHECK(r.unknown == line);
  CHECK(r.cost == 3U);
  CHECK_FALSE((r.not_before || r.overload || r.permanent));
}

TEST_CASE("a line that is too long is skipped, however it comes, and kept by its head") {
  const std::string head = "cost " + std::string(75, '1');
  CHECK(unknown("cost " + std::string(100'000, '1') + "\noverload\n") == head);
  CHECK(report(std::string(100'000, ' ') + "\noverload\n").overload);
  ReportReader reader;
  for (int i = 0; i < 100'000; ++i) reader.read("overload", now, wall);
  reader.read("\ncost 5\n", now, wall);
  CHECK_FALSE(reader.report().overload);
  CHECK(reader.report().cost == 5U);
}

TEST_CASE("bytes of any kind are no trouble") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(report(all + "\noverload\n").overload);
  CHECK(report(std::string("cost 1\0\n", 8)).unknown == std::string("cost 1\0", 7));
}
