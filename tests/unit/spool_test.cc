// Output that is kept: every byte comes out, in its order, from memory or from the file.
#include "lib/engine/spool.h"

#include "lib/control/random.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

/// Bytes that tell where they were cut.
std::string bytes(std::size_t from, std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += static_cast<char>('a' + (from + i) % 23);
  return text;
}

std::string drained(Kept& kept) {
  std::string all;
  while (!kept.empty()) {
    const std::string_view front = kept.front();
    REQUIRE_FALSE(front.empty());
    const std::size_t n = (front.size() + 1) / 2;
    all += front.substr(0, n);
    kept.drop(n);
  }
  return all;
}

}  // namespace

TEST_CASE("bytes come out as they went in, whatever of them is in the file") {
  Random random(1);
  for (const std::size_t memory : {std::size_t{0}, std::size_t{100'000}, std::size_t{10'000'000}}) {
    CAPTURE(memory);
    Spool spool({memory, 1'000'000'000});
    std::string want[3];
    std::vector<Kept> kept;
    for (int i = 0; i < 3; ++i) kept.emplace_back(spool);
    for (int i = 0; i < 300; ++i) {
      const auto which = static_cast<std::size_t>(random.uniform(0, 3));
      const auto n = static_cast<std::size_t>(random.uniform(0, 10'000));
      const std::string text = bytes(want[which].size(), n);
      want[which] += text;
      kept[which].add(text);
      CHECK(kept[which].size() == want[which].size());
    }
    CHECK_FALSE(spool.is_full());
    kept[0].append(std::move(kept[1]));
    CHECK(kept[0].last() == (want[0] + want[1]).back());
    CHECK(drained(kept[0]) == want[0] + want[1]);
    CHECK(drained(kept[2]) == want[2]);
  }
}

TEST_CASE("a spool is full when neither memory nor file takes more, until something is taken out") {
  Spool spool({50'000, 1'000'000});
  Kept kept(spool);
  std::string want;
  while (!spool.is_full()) {
    const std::string text = bytes(want.size(), 1000);
    want += text;
    kept.add(text);
    REQUIRE(want.size() < 2'000'000);
  }
  CHECK(want.size() > 950'000);
  // What comes all the same is not lost.
  kept.add("more");
  CHECK(drained(kept) == want + "more");
  CHECK_FALSE(spool.is_full());
}

TEST_CASE("what is dropped makes room for others") {
  Spool spool({50'000, 1'000'000});
  for (int i = 0; i < 10; ++i) {
    Kept kept(spool);
    const std::string text = bytes(0, 900'000);
    for (std::size_t at = 0; at < text.size(); at += 10'000) kept.add(text.substr(at, 10'000));
    CHECK_FALSE(spool.is_full());
    Kept other(spool);
    other = std::move(kept);
    if (i % 2 == 0) CHECK(drained(other) == text);
  }
}

TEST_CASE("many small outputs that wait are in the file, too") {
  Spool spool({50'000, 1'000'000});
  std::vector<Kept> kept;
  for (int i = 0; i < 300; ++i) {
    kept.emplace_back(spool);
    kept.back().add(bytes(0, 1000));
    kept.back().settle();
  }
  CHECK_FALSE(spool.is_full());
  for (int i = 0; i < 1000; ++i) {
    kept.emplace_back(spool);
    kept.back().add(bytes(0, 1000));
    kept.back().settle();
  }
  CHECK(spool.is_full());
  for (Kept& one : kept) CHECK(drained(one) == bytes(0, 1000));
}
