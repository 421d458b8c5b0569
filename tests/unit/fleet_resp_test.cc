#include <fmt/format.h>

#include "lib/fleet/resp.h"
#include "tests/unit/catch.h"

using namespace gentlify::fleet;

namespace {

/// A reply as a test can write it down.
std::string show(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::text: return fmt::format("\"{}\"", reply.text);
    case Reply::Kind::status: return fmt::format("+{}", reply.text);
    case Reply::Kind::error: return fmt::format("-{}", reply.text);
    case Reply::Kind::integer: return std::to_string(reply.integer);
    case Reply::Kind::nil: return "nil";
    case Reply::Kind::array: break;
  }
  std::string text = "[";
  for (const Reply& item : reply.items) {
    if (text.size() > 1) text += ' ';
    text += show(item);
  }
  return text + ']';
}

/// All replies that `reader` has, and "!" where it has failed.
std::string drain(ReplyReader& reader) {
  std::string text;
  while (const auto reply = reader.next()) text += show(*reply) + ' ';
  if (!reader.failed().empty()) text += '!';
  return text;
}

std::string read(std::string_view bytes) {
  ReplyReader reader;
  reader.add(bytes);
  return drain(reader);
}

const std::string many_kinds =
    "+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhe\r\nl\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
    "*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+x\ry\r\r\n:9223372036854775807\r\n";
const std::string many_kinds_shown =
    "+OK -ERR no -42 \"he\r\nl\" \"\" nil nil [] [1 [\"a\" []] +x\ry\r] 9223372036854775807 ";

}  // namespace

TEST_CASE("a command is an array of texts of any bytes") {
  const std::vector<std::string> words = {"SET", "", std::string("a\0\r\n", 4)};
  CHECK(format_command(words) == std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\0\r\n\r\n", 29));
}

TEST_CASE("replies of each kind are read") {
  CHECK(read(many_kinds) == many_kinds_shown);
}

TEST_CASE("a reply is the same wherever it is split") {
  for (std::size_t at = 0; at <= many_kinds.size(); ++at) {
    ReplyReader reader;
    reader.add(std::string_view(many_kinds).substr(0, at));
    std::string text = drain(reader);
    reader.add(std::string_view(many_kinds).substr(at));
    text += drain(reader);
    INFO(at);
    CHECK(text == many_kinds_shown);
  }
}

TEST_CASE("a reply may come one byte at a time") {
  ReplyReader reader;
  std::string text;
  for (const char c : many_kinds) {
    reader.add({&c, 1});
    text += drain(reader);
  }
  CHECK(text == many_kinds_shown);
}

TEST_CASE("half a reply is none") {
  for (const char* const half : {"", "+", "+OK", "+OK\r", "$3\r\nab", "$3\r\nabc", "$3\r\nabc\r",
                                 "*1\r\n", "*2\r\n:1\r\n", ":1", "*1\r\n*1\r\n"}) {
    CHECK(read(half).empty());
  }
}

TEST_CASE("what is not RESP fails, and nothing is read after it") {
  for (const std::string garbage : {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                    "\r\n",
                                    "?",
                                    "_\r\n",
                                    "%1\r\n",
                                    ":\r\n",
                                    ":x\r\n",
                                    ":1x\r\n",
                                    ":+1\r\n",
                                    ": 1\r\n",
                                    ":1\n",
                                    ":1\rx",
                                    ":9223372036854775808\r\n",
                                    ":123456789012345678901234567890\r\n",
                                    "$\r\n",
                                    "$-2\r\n",
                                    "$1\r\nab\r\n",
                                    "$1\r\na\n",
                                    "$1\r\na\rb",
                                    "*-2\r\n",
                                    "*x\r\n",
                                    "*1\r\nx",
                                    "\x16\x03\x01"}) {
    ReplyReader reader;
    reader.add("+before\r\n" + garbage);
    INFO(garbage);
    CHECK(drain(reader) == "+before !");
    reader.add("+after\r\n");
    CHECK(drain(reader) == "!");
  }
}

TEST_CASE("what a reply announces is refused before it comes where it is too much") {
  for (const std::string head :
       {"$1048577\r\n", "$536870912\r\n", "$4294967297\r\n", "$9223372036854775807\r\n",
        "*16385\r\n", "*2147483647\r\n", "*4294967296\r\n", "*4294967297\r\n",
        "*9223372036854775807\r\n", "*2\r\n$600000\r\n"}) {
    ReplyReader reader;
    reader.add(head);
    if (head.starts_with("*2\r\n")) {
      CHECK(drain(reader).empty());
      reader.add(std::string(600'000, 'x') + "\r\n$600000\r\n");
    }
    INFO(head);
    CHECK(drain(reader) == "!");
  }
}

TEST_CASE("arrays may stand in each other six levels deep") {
  const auto nested = [](std::size_t depth) {
    std::string bytes;
    for (std::size_t i = 0; i < depth; ++i) bytes += "*1\r\n";
    return bytes + ":1\r\n";
  };
  CHECK(read(nested(deepest_reply)) == "[[[[[[1]]]]]] ");
  CHECK(read(nested(deepest_reply + 1)) == "!");
  CHECK(read(nested(100'000)) == "!");
}

TEST_CASE("items are counted on all levels of a reply") {
  std::string bytes = "*2\r\n";
  for (int i = 0; i < 2; ++i) {
    bytes += "*8191\r\n";
    for (int k = 0; k < 8191; ++k) bytes += ":1\r\n";
  }
  CHECK(read(bytes).starts_with("[[1 1"));
  CHECK(read(bytes + bytes).ends_with("1]] "));
  bytes.replace(0, 4, "*3\r\n*0\r\n");
  CHECK(read(bytes) == "!");
}

TEST_CASE("a line without an end and replies that nobody asked for are too much") {
  ReplyReader line;
  line.add("+");
  for (int i = 0; i < 1100 && line.failed().empty(); ++i) line.add(std::string(1000, 'x'));
  CHECK_FALSE(line.failed().empty());

  ReplyReader flood;
  std::string part;
  for (int i = 0; i < 1000; ++i) part += "+OK\r\n";
  for (int i = 0; i < 1000 && flood.failed().empty(); ++i) flood.add(part);
  CHECK_FALSE(flood.failed().empty());
}

TEST_CASE("the longest reply is read, and any number of them one after the other") {
  ReplyReader reader;
  const std::string text(longest_reply - 12, 'x');
  for (int i = 0; i < 5; ++i) {
    reader.add(fmt::format("${}\r\n{}\r\n", text.size(), text));
    const auto reply = reader.next();
    REQUIRE(reply);
    CHECK(reply->text == text);
  }
  CHECK(reader.failed().empty());
}
