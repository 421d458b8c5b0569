// Patterns for stderr, and what jobs say there.
#include "lib/engine/match.h"

#include "lib/engine/said.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

using Groups = std::vector<std::string_view>;

constexpr WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
constexpr TimePoint now = TimePoint{} + 100s;

Said listen(const Patterns& patterns, std::string_view error_output, const Report& report = {}) {
  return Listener(patterns).listen(report, error_output, now, wall);
}

}  // namespace

TEST_CASE("a pattern finds what it matches anywhere in the text, and an empty one finds nothing") {
  CHECK(Pattern("error: (429|503)").found_in("x\ncurl: error: 503 unavailable\ny"));
  CHECK_FALSE(Pattern("error: (429|503)").found_in("error: 404"));
  CHECK_FALSE(Pattern("").found_in("anything"));
  CHECK(Pattern("").groups_in("anything").empty());
}

TEST_CASE("the ends of lines are matched as with grep") {
  CHECK(Pattern("^busy$").found_in("one\nbusy\ntwo"));
  CHECK_FALSE(Pattern("^busy$").found_in("very busy"));
  CHECK(Pattern("^a$|^b$").found_in("x\nb\n"));
}

TEST_CASE("text that is not UTF-8 is no trouble") {
  CHECK(Pattern("429").found_in("\xff\xfe 429 \x80"));
  CHECK(Pattern("é").found_in("caf\xc3\xa9"));
}

TEST_CASE("the first group of every match is found, and one that took no part is not") {
  CHECK(Pattern("wait ([0-9]+)").groups_in("wait 3, wait 40 and wait") == Groups{"3", "40"});
  CHECK(Pattern("a([0-9])?").groups_in("a a1") == Groups{"1"});
  CHECK(Pattern("(x*)").groups_in("ab") == Groups{"", "", ""});
}

TEST_CASE("a pattern that cannot be used says why") {
  CHECK(pattern_problem("error: (429|503)", false).empty());
  CHECK(pattern_problem("", true).empty());
  CHECK(pattern_problem("a(b", false) == "must be a regular expression: missing ): a(b");
  CHECK(pattern_problem("(?=a)", false) ==
        "must be a regular expression: invalid perl operator: (?=");
  CHECK(pattern_problem("wait", true) ==
        "must have a group, as in 'wait ([0-9]+)': what it matches is the value");
  CHECK(pattern_problem("wait (?:a)", true).starts_with("must have a group"));
}

TEST_CASE("overload on stderr is heard, and silence is not") {
  CHECK(listen({"429", "", ""}, "HTTP 429").overload == "overload on stderr");
  CHECK(listen({"429", "", ""}, "HTTP 404").overload.empty());
  CHECK(listen({"", "", ""}, "HTTP 429").overload.empty());
}

TEST_CASE("the last Retry-After on stderr counts, and is overload") {
  const Said said = listen({"", "retry in (.+)s", ""}, "retry in 30s\nretry in 4.5s\n");
  CHECK(said.retry_after == 4500ms);
  CHECK(said.overload == "retry-after on stderr");
  CHECK(listen({"", "(?i)^retry-after: (.*)$", ""}, "Retry-After: Sun, 22 Nov 2026 00:01:00 GMT\n")
            .retry_after == 60s);
}

TEST_CASE("costs on stderr add up, and those that were reported go before them") {
  const Patterns patterns{"", "", "tokens: ([0-9]+)"};
  CHECK(listen(patterns, "tokens: 10\ntokens: 5\n").cost == 15U);
  CHECK_FALSE(listen(patterns, "nothing").cost);
  Report report;
  report.cost = 7;
  CHECK(listen(patterns, "tokens: 10\n", report).cost == 7U);
}

TEST_CASE("the later of a reported and a matched wait holds, and what is over is no wait") {
  const Patterns patterns{"", "retry in ([0-9]+)", ""};
  Report report;
  report.not_before = now + 10s;
  CHECK(listen(patterns, "retry in 3", report).retry_after == 10s);
  CHECK(listen(patterns, "retry in 30", report).retry_after == 30s);
  report.not_before = now - 10s;
  CHECK(listen(patterns, "", report).retry_after == 0s);
  CHECK(listen(patterns, "", report).overload == "retry-after reported");
}

TEST_CASE("a group that is no value is ignored and told of, once") {
  const Said said =
      listen({"", "retry in (\\S+)", "cost (\\S+)"}, "retry in soon\ncost 1.5\ncost 2");
  CHECK_FALSE(said.retry_after);
  CHECK(said.overload.empty());
  CHECK(said.cost == 2U);
  CHECK(said.puzzle == "asks on stderr to wait for 'soon', which is no time");
}

TEST_CASE("only the last 64 KiB of stderr are looked at") {
  const std::string much(64 * 1024, '.');
  CHECK(listen({"429", "", ""}, "429" + much.substr(3)).overload == "overload on stderr");
  CHECK(listen({"429", "", ""}, "429" + much).overload.empty());
}
