#include "lib/fleet/trouble.h"
#include "tests/unit/catch.h"

using namespace gentlify::fleet;

TEST_CASE("an error reply is known by its first word alone") {
  for (const std::string code : {"LOADING", "BUSY", "OOM", "READONLY", "MASTERDOWN", "CLUSTERDOWN",
                                 "TRYAGAIN", "ASK", "MISCONF", "NOREPLICAS"}) {
    INFO(code);
    CHECK(trouble_of(code) == Trouble::away);
    CHECK(trouble_of(code + " and more") == Trouble::away);
    CHECK(trouble_of(code + "X and more") == Trouble::none);
    CHECK(trouble_of("ERR " + code) == Trouble::none);
  }
  for (const std::string code : {"NOAUTH", "WRONGPASS", "NOPERM"}) {
    CHECK(trouble_of(code + " and more") == Trouble::refused);
  }
  CHECK(trouble_of("MOVED 1 h:1") == Trouble::moved);
  CHECK(trouble_of("BUSYGROUP Consumer Group name already exists") == Trouble::none);
  CHECK(trouble_of("NOSCRIPT No matching script") == Trouble::none);
  CHECK(trouble_of("") == Trouble::none);
}

TEST_CASE("an error from within a script is known in the words of older servers, too") {
  CHECK(trouble_of("OOM command not allowed when used memory > 'maxmemory'. script: 1234, on "
                   "@user_script:1.") == Trouble::away);
  CHECK(trouble_of("ERR Error running script (call to f_12): @user_script:1: @user_script: 1: -OOM "
                   "command not allowed when used memory > 'maxmemory'.") == Trouble::away);
  CHECK(
      trouble_of("ERR Error running script (call to f_12): @user_script:1: user_script:1: attempt "
                 "to index a nil value") == Trouble::none);
}

TEST_CASE("what an error reply says is shown on one line and without the password") {
  Address address;
  address.password = "secret";
  CHECK(describe_trouble("LOADING Redis is loading", address) ==
        "is loading its data (LOADING Redis is loading)");
  CHECK(describe_trouble("ERR no\nsuch \x1b[2J", address).find('\n') == std::string::npos);
  CHECK(describe_trouble("ERR no\nsuch \x1b[2J", address).find('\x1b') == std::string::npos);
  CHECK(describe_trouble("WRONGPASS it is not secret", address).find("secret") ==
        std::string::npos);
  CHECK(describe_trouble("ERR " + std::string(100'000, 'x'), address).size() < 400);
}

TEST_CASE("MOVED tells a host and a port, or a port of the same host") {
  const Place from{"here", 6379};
  CHECK(place_moved_to("MOVED 3999 127.0.0.1:6381", from) == Place{"127.0.0.1", 6381});
  CHECK(place_moved_to("MOVED 3999 ::1:6381", from) == Place{"::1", 6381});
  CHECK(place_moved_to("MOVED 3999 :6381", from) == Place{"here", 6381});
  for (const char* const text : {"MOVED", "MOVED 3999", "MOVED 3999 host", "MOVED 3999 host:",
                                 "MOVED 3999 host:0", "MOVED 3999 host:65536", "MOVED 1 h:1x",
                                 "MOVED 1 ?:1", "MOVED 1 a\nb:1", "MOVED 1:2 host"}) {
    INFO(text);
    CHECK_FALSE(place_moved_to(text, from));
  }
}

TEST_CASE("a value of INFO is found by its whole name") {
  const std::string info = "# Server\r\nxrun_id:1\r\nrun_id:abc\r\nrun_id2:d\r\nempty:\r\nlast:e";
  CHECK(info_value(info, "run_id") == "abc");
  CHECK(info_value(info, "last") == "e");
  CHECK(info_value(info, "empty").empty());
  CHECK(info_value(info, "run").empty());
  CHECK(info_value("", "run_id").empty());
}
