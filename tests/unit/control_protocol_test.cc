// What goes over the socket of a run, and what is sent to break it.
#include "lib/engine/control_protocol.h"

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace gentlify::control;

TEST_CASE("a request is whole with its newline, and what follows is the next one") {
  std::string received = "set rate";
  CHECK_FALSE(take_request(received));
  received += " 5/s\nstatus\nsta";
  CHECK(take_request(received) == "set rate 5/s");
  CHECK(take_request(received) == "status");
  CHECK_FALSE(take_request(received));
  CHECK(received == "sta");
}

TEST_CASE("bytes that no request has are seen") {
  CHECK(is_text("set rate 5/s\n\xc3\xa9\n"));
  for (const std::string& bytes : {std::string("status\0", 7), std::string("\x1b[2J\n"),
                                   std::string("\x16\x03\x01\n"), std::string("a\tb\n")}) {
    CHECK_FALSE(is_text(bytes));
  }
}

TEST_CASE("words have any number of spaces around them") {
  CHECK(words_of("").empty());
  CHECK(words_of("   ").empty());
  CHECK(words_of("  set  rate 5/s ") == std::vector<std::string_view>{"set", "rate", "5/s"});
}

TEST_CASE("an answer comes back as it was given, and is partial until its last byte") {
  const Answer answer{ExitCode::usage, "no such key\nin two lines"};
  const std::string bytes = to_bytes(answer);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK(receive(std::string_view(bytes).substr(0, n)).state == Received::State::partial);
  }
  const Received received = receive(bytes);
  REQUIRE(received.state == Received::State::whole);
  CHECK(received.answer.code == answer.code);
  CHECK(received.answer.text == answer.text);
}

TEST_CASE("what is no answer is seen as such") {
  for (const std::string_view bytes :
       {"hello\n", "0\n", "0 \n", "0 x\n", "-1 0\n", "256 0\n", "0 1\nab", "0 99999999999999999\n",
        " 0 0\n", "0 0 \n", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"}) {
    CHECK(receive(bytes).state == Received::State::broken);
  }
}
