// Fingerprints, and what makes a job the same one.
#include "lib/core/digest.h"

#include "lib/core/job_identity.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

Job job_of(const std::string& item, const std::vector<std::string>& parts) {
  Job job;
  job.item = item;
  for (const std::string& part : parts) job.parts.add(part);
  return job;
}

}  // namespace

TEST_CASE("digests are XXH3") {
  CHECK(hex(digest("")) == "2d06800538d394c2");
  CHECK(hex(digest("abc")) == "78af5f94892f3950");
  CHECK(hex(identity_of("", 0)) == "99aa06d3014798d86001c324468d497f");
  CHECK(hex(identity_of("abc", 0)) == "06b05ab6733a618578af5f94892f3950");
}

TEST_CASE("hexadecimal digits are read back as the number they are") {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0123456789abcdef}, ~std::uint64_t{0}}) {
    CHECK(parse_hex(hex(number)) == number);
    const Identity identity{number, ~number};
    CHECK(parse_identity(hex(identity)) == identity);
  }
  CHECK(hex(Identity{1, 2}) == "00000000000000010000000000000002");
}

TEST_CASE("other than 16 or 32 digits in lower case is no fingerprint") {
  for (const std::string_view text :
       {"", "0", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0x23456789abcdef",
        "+123456789abcdef", " 123456789abcdef", "0123456789abcdeg"}) {
    CHECK_FALSE(parse_hex(text));
    CHECK_FALSE(parse_identity(text));
    CHECK_FALSE(parse_identity("0123456789abcdef" + std::string(text)));
  }
  CHECK_FALSE(parse_identity(std::string(48, '0')));
}

TEST_CASE("a seed makes another identity of the same bytes") {
  CHECK(identity_of("a", 1) != identity_of("a", 2));
  CHECK(identity_of("a", 1) == identity_of("a", 1));
}

TEST_CASE("identities in a row have a digest at each point, and their order matters") {
  const Identity a{1, 2};
  const Identity b{3, 4};
  RollingDigest one;
  RollingDigest other;
  const std::uint64_t nothing = one.value();
  CHECK(nothing == digest(""));
  one.add(a);
  const std::uint64_t head = one.value();
  one.add(b);
  other.add(b);
  CHECK(other.value() != head);
  other.add(a);
  CHECK(one.value() != other.value());
  one.reset();
  CHECK(one.value() == nothing);
  one.add(a);
  CHECK(one.value() == head);
}

TEST_CASE("a job is its item and its parts, and the seed stands for the rest") {
  CHECK(identity_of(job_of("a", {}), 1) == identity_of(job_of("a", {}), 1));
  CHECK(identity_of(job_of("a", {}), 1) != identity_of(job_of("a", {}), 2));
  CHECK(identity_of(job_of("a", {}), 1) != identity_of(job_of("b", {}), 1));
  Job job = job_of("a", {"b"});
  const Identity before = identity_of(job, 1);
  job.id = JobId{9};
  job.line = 3;
  job.attempts = 2;
  CHECK(identity_of(job, 1) == before);
}

TEST_CASE("where parts begin and end matters") {
  const auto of = [](const std::vector<std::string>& parts) {
    return identity_of(job_of("a b c", parts), 1);
  };
  CHECK(of({"a b", "c"}) != of({"a", "b c"}));
  CHECK(of({"a", ""}) != of({"a"}));
  CHECK(of({""}) != of({}));
  CHECK(of({"", "a"}) != of({"a", ""}));
  CHECK(of({std::string("\0001\0x", 4)}) != of({"", "x"}));
}
