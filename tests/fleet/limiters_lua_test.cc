// limiters.lua on a real server: the same answers as lib/control/gcra.h, and its bound at numbers
// that are too large to be counted one by one.
#include <cmath>

#include "lib/fleet/scripts.h"
#include "tests/fleet/sync_fleet.h"
#include "tests/unit/catch.h"
#include "tests/unit/limiter_vectors.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// ARGV: N, T in µs, B, then times in µs and costs. Replies what gcra_decide says to each.
const std::string driver = R"LUA(
local m = gcra(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
local last, answers = 0, {}
for i = 4, #ARGV, 2 do
  local now = tonumber(ARGV[i])
  gcra_pass(m, now - last)
  last = now
  answers[#answers + 1] = gcra_decide(m, tonumber(ARGV[i + 1]))
end
return answers
)LUA";

fleet::Reply decide(std::vector<std::string> arguments) {
  RedisClient client(shared_server().port());
  std::vector<std::string> words = {"EVAL", std::string(fleet::limiters_script.text) + driver, "0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  fleet::Reply reply = client.call(words);
  REQUIRE(reply.kind == fleet::Reply::Kind::array);
  return reply;
}

std::string milliseconds(std::int64_t us) {
  return us < 0 ? "never" : std::to_string((us + 999) / 1000);
}

}  // namespace

TEST_CASE("the script's limiter answers the vectors, field for field") {
  int questions = 0;
  for (const LimiterCase& c : limiter_cases()) {
    if (c.kind != "gcra") continue;
    std::vector<std::string> arguments = {
        std::to_string(c.amount), std::to_string(c.period_ms * 1000), std::to_string(c.burst)};
    for (const auto& question : c.questions) {
      arguments.push_back(std::to_string(question.now_ms * 1000));
      arguments.push_back(std::to_string(question.cost));
    }
    const fleet::Reply reply = decide(arguments);
    REQUIRE(reply.items.size() == c.questions.size());
    for (std::size_t i = 0; i < reply.items.size(); ++i) {
      CAPTURE(c.questions[i].line);
      const auto field = [&](std::size_t f) { return reply.items[i].items.at(f).integer; };
      std::ostringstream answer;
      answer << field(0) << ' ' << field(1) << ' ' << field(2) << ' ' << milliseconds(field(3))
             << ' ' << milliseconds(field(4));
      CHECK(answer.str() == c.questions[i].answer);
      ++questions;
    }
  }
  CHECK(questions > 30);
}

TEST_CASE("a budget too large to be counted in single units is at most 1 % slower, never faster") {
  const std::uint64_t n = GENERATE(1'000'000'007ULL, 999'999'999'989ULL);
  const std::int64_t day = 86'400'000'000;
  const fleet::Reply reply = decide({std::to_string(n), std::to_string(day), std::to_string(n), "0",
                                     std::to_string(n), "1000", std::to_string(n)});
  CHECK(reply.items.at(0).items.at(0).integer == 1);
  const std::int64_t retry = reply.items.at(1).items.at(4).integer;
  CHECK(retry >= day - 1000);
  CHECK(static_cast<double>(retry) <= 1.01 * static_cast<double>(day));
}
