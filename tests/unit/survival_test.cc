// How long attempts take, where some still run; and where that has changed.
#include "lib/control/survival.h"

#include <algorithm>
#include <utility>

#include "lib/control/simulation/draws.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

std::vector<Lifetime> ended(std::size_t n, double seconds) {
  return std::vector<Lifetime>(n, {seconds, true});
}

/// `n` lives of the distribution as they are seen when `slots` of them at a time have been running
/// one after the other: in the order of their starts, those that run cut off.
template <typename Draw>
std::vector<Lifetime> seen(std::size_t n, std::size_t slots, Draw&& draw) {
  std::vector<double> free(slots, 0);
  std::vector<std::pair<double, double>> lives;  // start, length
  for (std::size_t i = 0; i < n; ++i) {
    const auto next = std::min_element(free.begin(), free.end());
    const double length = draw();
    lives.emplace_back(*next, length);
    *next += length;
  }
  const double now = lives.back().first;
  std::vector<Lifetime> out;
  for (const auto& [start, length] : lives) {
    const bool over = start + length <= now;
    out.push_back({over ? length : now - start, over});
  }
  return out;
}

}  // namespace

TEST_CASE("where all have ended the mean is theirs") {
  const Survival lives({{1, true}, {3, true}, {8, true}});
  CHECK(lives.mean() == Approx(4));
  CHECK(lives.left(0) == Approx(4));
  CHECK(lives.left(2) == Approx(3.5));  // 1 and 6
  CHECK(lives.left(3) == Approx(5));
  CHECK(Survival(ended(5, 2)).variation() == Approx(0).margin(1e-9));
}

TEST_CASE("those that run have not ended yet, and do not make the mean shorter") {
  // Of four one has ended after 1; of the three at risk at 3 one ended, and one runs on.
  const Survival lives({{1, true}, {2, false}, {3, true}, {4, false}});
  // 1 * 1 + 3/4 * 2 + 3/8 * 1
  CHECK(lives.mean() == Approx(2.875));
}

TEST_CASE("of one that runs for longer than all that have ended nobody knows how long it will") {
  CHECK(Survival(ended(10, 2)).left(2) == Approx(1));
  CHECK(Survival(ended(10, 2)).left(50) == Approx(1));
}

TEST_CASE("with many running the mean is right for any spread") {
  for (const double cv : {0.0, 0.3, 1.0}) {
    Random random(7);
    const sim::LogNormal draw(2, cv);
    const Survival lives(seen(400, 64, [&] { return draw(random); }));
    CHECK(lives.mean() == Approx(2).epsilon(0.1));
    CHECK(lives.variation() == Approx(cv).epsilon(0.2).margin(0.01));
  }
}

TEST_CASE("chance is no change") {
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const double cv : {0.0, 0.3, 1.0}) {
      Random random(seed);
      const sim::LogNormal draw(1, cv);
      changes += change_point(seen(300, 32, [&] { return draw(random); })) > 0;
    }
  }
  CHECK(changes <= 1);
}

TEST_CASE("a change is seen where it was, whether it is to longer or to shorter lives") {
  for (const double factor : {4.0, 0.25}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Random random(seed);
      const sim::LogNormal draw(1, 0.3);
      std::size_t n = 0;
      const std::size_t change =
          change_point(seen(280, 8, [&] { return draw(random) * (++n > 200 ? factor : 1.0); }));
      CHECK(change >= 197);
      CHECK(change <= 203);
    }
  }
}

TEST_CASE("too few say nothing") {
  std::vector<Lifetime> lives = ended(9, 1);
  for (const Lifetime& life : ended(9, 4)) lives.push_back(life);
  CHECK(change_point(lives) == 0);
  CHECK(change_point({}) == 0);
}
