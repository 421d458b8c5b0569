#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/fleet/address.h"
#include "tests/unit/catch.h"

using namespace gentlify;
using fleet::Address;
using fleet::parse_address;

namespace {

/// What is said against it; empty: nothing.
std::string defect_of(const std::string& url) {
  try {
    parse_address(url);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::bad_config);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the address of a fleet has a host, a port and a name") {
  const Address plain = parse_address("redis://engine.example/nightly");
  CHECK_FALSE(plain.tls);
  CHECK(plain.user.empty());
  CHECK(plain.password.empty());
  CHECK(plain.host == "engine.example");
  CHECK(plain.port == 6379);
  CHECK(plain.name == "nightly");
  CHECK(plain.key("st") == "gt:{nightly}:st");

  const Address full = parse_address("rediss://me:secret@10.0.0.7:7000/a.b_c:d-9");
  CHECK(full.tls);
  CHECK(full.user == "me");
  CHECK(full.password == "secret");
  CHECK(full.host == "10.0.0.7");
  CHECK(full.port == 7000);
  CHECK(full.name == "a.b_c:d-9");
}

TEST_CASE("a user or a password may stand alone, and hold any byte where it is encoded") {
  CHECK(parse_address("redis://me@h/n").user == "me");
  CHECK(parse_address("redis://me@h/n").password.empty());
  CHECK(parse_address("redis://:secret@h/n").user.empty());
  CHECK(parse_address("redis://:secret@h/n").password == "secret");
  CHECK(parse_address("redis://:a:b@c@h/n").password == "a:b@c");
  const Address odd = parse_address("redis://m%3Ae:%2F%40%25%3a%C3%A9@h/n");
  CHECK(odd.user == "m:e");
  CHECK(odd.password == "/@%:\xC3\xA9");
}

TEST_CASE("a password that is taken is one that is masked") {
  for (int byte = 1; byte < 256; ++byte) {
    const std::string url = std::string("redis://:pass") + static_cast<char>(byte) + "word@h/n";
    INFO(byte);
    if (!defect_of(url).empty()) continue;
    CHECK(without_passwords(url).find("word") == std::string::npos);
    CHECK(without_passwords(url).find("pass") == std::string::npos);
  }
}

TEST_CASE("an IPv6 address stands in brackets") {
  const Address address = parse_address("redis://:p@[2001:db8::1]:7000/n");
  CHECK(address.host == "2001:db8::1");
  CHECK(address.port == 7000);
  CHECK(parse_address("redis://[::1]/n").port == 6379);
  CHECK_FALSE(defect_of("redis://[::1/n").empty());
  CHECK_FALSE(defect_of("redis://[host]/n").empty());
  CHECK_FALSE(defect_of("redis://[::1]7000/n").empty());
  CHECK_FALSE(defect_of("redis://::1/n").empty());
}

TEST_CASE("what is no address of a fleet is refused in one sentence without the password") {
  for (const std::string url : {"",
                                "redis",
                                "http://:secret@h/n",
                                "REDIS://:secret@h/n",
                                "redis://",
                                "redis:///n",
                                "redis://:secret@/n",
                                "redis://@h/n",
                                "redis://:@h/n",
                                "redis://:secret@h",
                                "redis://:secret@h/",
                                "redis://:secret@h/n/",
                                "redis://:secret@h/n?db=1",
                                "redis://:secret@h/two words",
                                "redis://:secret@h:/n",
                                "redis://:secret@h:0/n",
                                "redis://:secret@h:65536/n",
                                "redis://:secret@h:-1/n",
                                "redis://:secret@h:6379x/n",
                                "redis://:secret@h o/n",
                                "redis://:secret%@h/n",
                                "redis://:secret%2@h/n",
                                "redis://:secret%zz@h/n",
                                "redis://:secret%+1@h/n",
                                "redis://:secret/@h/n",
                                "redis://:secret?1@h/n",
                                "redis://:secret 1@h/n",
                                "redis://:secret\n1@h/n",
                                "redis://me:secret/x@h/n",
                                "redis://secret:secret/n",
                                "redis://h/secret@n"}) {
    INFO(url);
    const std::string defect = defect_of(url);
    CHECK_FALSE(defect.empty());
    CHECK(defect.find("secret") == std::string::npos);
    CHECK(defect.find('\n') == std::string::npos);
  }
  CHECK(defect_of("redis://h/" + std::string(128, 'n')).empty());
  CHECK_FALSE(defect_of("redis://h/" + std::string(129, 'n')).empty());
}
