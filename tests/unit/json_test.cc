// JSON as it is written.
#include "lib/core/json.h"

#include <limits>

#include "tests/unit/catch.h"

using namespace gentlify;

TEST_CASE("a JSON string holds any bytes on one line") {
  CHECK(json_string("plain ünï 🙂 /") == "\"plain ünï 🙂 /\"");
  CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_string("\n\t\r\x1b\x7f") == R"("\n\t\u000d\u001b\u007f")");
  CHECK(json_string(std::string_view("\0", 1)) == R"("\u0000")");
}

TEST_CASE("what is not UTF-8 becomes a replacement character") {
  CHECK(json_string("a\xFFz\xC3") == "\"a\uFFFDz\uFFFD\"");
}

TEST_CASE("an object keeps the order of its members") {
  JsonObject object;
  CHECK(object.text() == "{}");
  object.add("text", "x").add("on", true).add("n", 18446744073709551615ULL).add("t", 1.5);
  object.add("none", std::numeric_limits<double>::infinity()).add_raw("list", "[1,2]");
  CHECK(object.text() ==
        R"({"text":"x","on":true,"n":18446744073709551615,"t":1.500,"none":null,"list":[1,2]})");
}
