// How often identities were met.
#include "lib/record/identity_counts.h"

#include <map>
#include <random>

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

struct Counts {
  std::uint32_t begun = 0, done = 0;
};

/// Counts at random identities of so many, and compares with a map.
void compare_with_map(IdentityCounts& counts, std::uint64_t different, int times) {
  std::mt19937_64 random(different);
  std::map<std::uint64_t, Counts> oracle;
  const auto identity_at = [](std::uint64_t n) { return identity_of(std::to_string(n), 0); };
  for (int i = 0; i < times; ++i) {
    const std::uint64_t n = random() % different;
    IdentityCounts::Entry& entry = counts.of(identity_at(n));
    Counts& expected = oracle[n];
    if (entry.begun != expected.begun || entry.done != expected.done) FAIL("at " << i);
    entry.begun += 1;
    expected.begun += 1;
    if (random() % 2 == 0) entry.done = ++expected.done;
  }
  CHECK(counts.size() == oracle.size());
  for (const auto& [n, expected] : oracle) {
    const IdentityCounts::Entry& entry = counts.of(identity_at(n));
    if (entry.begun != expected.begun || entry.done != expected.done) FAIL("of " << n);
  }
  CHECK(counts.size() == oracle.size());
}

}  // namespace

TEST_CASE("identities are counted as a map would count them, however many they are") {
  const std::uint64_t different = GENERATE(1U, 3U, 500U, 877U, 878U, 879U, 880U, 3000U, 50'000U);
  IdentityCounts counts;
  compare_with_map(counts, different, 60'000);
}

TEST_CASE("with room made before, too much or too little, they are counted the same") {
  const std::size_t entries = GENERATE(0U, 1U, 2000U, 20'000U, 200'000U);
  IdentityCounts counts;
  counts.reserve(entries);
  CHECK(counts.size() == 0);
  compare_with_map(counts, 20'000, 60'000);
}

TEST_CASE("room that is made later keeps what was counted") {
  IdentityCounts counts;
  counts.of({1, 2}).begun = 5;
  counts.reserve(100'000);
  CHECK(counts.of({1, 2}).begun == 5);
  counts.reserve(1);
  CHECK(counts.of({1, 2}).begun == 5);
  CHECK(counts.size() == 1);
}

TEST_CASE("an identity of zeros is one like others") {
  IdentityCounts counts;
  counts.of({0, 0}).begun = 3;
  CHECK(counts.size() == 1);
  CHECK(counts.of({0, 0}).begun == 3);
  CHECK(counts.of({0, 2}).begun == 0);
}

TEST_CASE("identities that belong into one place are kept apart") {
  IdentityCounts counts;
  for (std::uint32_t i = 0; i < 300; ++i) counts.of({7, i}).begun = i;
  CHECK(counts.size() == 300);
  for (std::uint32_t i = 0; i < 300; ++i) CHECK(counts.of({7, i}).begun == i);
}
