// The seal of a line.
#include "lib/record/journal_line.h"

#include "lib/core/digest.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

std::string sealed(const std::string& text) {
  std::string line = text;
  seal(line, 0);
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  return line;
}

}  // namespace

TEST_CASE("a seal is the digest of what is before it, as the last member") {
  CHECK(sealed(R"({"t":"x")") == R"({"t":"x","sum":")" + hex(digest(R"({"t":"x")")) + "\"}");
}

TEST_CASE("a line that was sealed is so, whatever is in it") {
  CHECK(is_sealed(sealed("{")));
  CHECK(is_sealed(sealed(R"({"t":"x")")));
  CHECK(is_sealed(sealed(R"({"a":"\",\"sum\":\"0123456789abcdef\"}")")));
  CHECK(is_sealed(sealed("{\xFF" + std::string(100'000, '\0'))));
}

TEST_CASE("lines are sealed one behind another") {
  std::string text = sealed("{1") + '\n';
  const std::size_t begin = text.size();
  text += "{2";
  seal(text, begin);
  CHECK(text == sealed("{1") + '\n' + sealed("{2") + '\n');
}

TEST_CASE("whichever bit of a line flips, it shows") {
  const std::string line = sealed(R"({"t":"end","seq":1,"try":1,"line":"ab")");
  std::string altered = line;
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      altered[i] = static_cast<char>(static_cast<unsigned char>(line[i]) ^ (1U << bit));
      if (is_sealed(altered)) FAIL("bit " << bit << " of byte " << i);
    }
    altered[i] = line[i];
  }
  CHECK(is_sealed(altered));
}

TEST_CASE("a line that lacks a byte, or has one more, shows") {
  const std::string line = sealed(R"({"t":"x","n":11)");
  for (std::size_t i = 0; i < line.size(); ++i) {
    CHECK_FALSE(is_sealed(line.substr(0, i)));
    CHECK_FALSE(is_sealed(line.substr(i + 1)));
    CHECK_FALSE(is_sealed(line.substr(0, i) + line.substr(i + 1)));
    CHECK_FALSE(is_sealed(line.substr(0, i) + 'x' + line.substr(i)));
  }
  CHECK_FALSE(is_sealed(line + '\n'));
}

TEST_CASE("what does not begin as an object is not sealed") {
  CHECK_FALSE(is_sealed(""));
  CHECK_FALSE(is_sealed(sealed("")));
  CHECK_FALSE(is_sealed(sealed("[1")));
}
