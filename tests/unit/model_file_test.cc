// A TOML file as a modelled service. (What is refused, and how, tests/cli/simulate_bad_models.sh
// tells.)
#include "cli/model_file.h"

#include "tests/unit/catch.h"
#include "tests/unit/virtual_run.h"

using namespace gentlify;
using namespace std::chrono_literals;
using gentlify::test::at;

namespace {

template <class T>
T only_limit(const std::string& text) {
  const ModelFile file = parse_model(text, "m.toml");
  REQUIRE(file.model.limits.size() == 1);
  REQUIRE(std::holds_alternative<T>(file.model.limits.front()));
  return std::get<T>(file.model.limits.front());
}

}  // namespace

TEST_CASE("a model that says nothing is a service without limits") {
  const ModelFile file = parse_model("", "m.toml");
  CHECK_FALSE(file.jobs);
  CHECK(file.model.limits.empty());
  CHECK_FALSE(file.model.ban);
  CHECK_FALSE(file.model.timeout);
  CHECK_FALSE(file.model.mark);
  CHECK(std::holds_alternative<sim::Unshared>(file.model.pace));
  CHECK(file.model.broken == 0);
}

TEST_CASE("a model's jobs and refusals are as it says") {
  const auto [model, jobs] = parse_model(
      "mark = 60\n[jobs]\ncount = 7\nduration = '2s'\nvariation = 1\njitter = 0.5\nbroken = 0.25\n"
      "broken_after = 1\nnoise = 0.1\ntimeout = '9s'\n"
      "[refusals]\ntakes = '30ms'\nvariation = 0\nsignal = 'retry-after'\n",
      "m.toml");
  CHECK(jobs == 7U);
  CHECK(model.duration == 2s);
  CHECK(model.variation == 1);
  CHECK(model.jitter == 0.5);
  CHECK(model.broken == 0.25);
  CHECK(model.broken_after == 1);
  CHECK(model.noise == 0.1);
  CHECK(model.timeout == 9s);
  CHECK(model.refusal == 30ms);
  CHECK(model.refusal_variation == 0);
  CHECK(model.signal == sim::Signal::retry_after);
  CHECK(model.mark == at(60s));
}

TEST_CASE("a bucket has a rate that may step and repeat, and a burst") {
  auto bucket = only_limit<sim::TokenBucket>(
      "[[limit]]\nkind='bucket'\nrate=[['0s','20/s'],[15,'5/10s']]\nrepeat='30s'\nburst=2\n");
  CHECK(bucket.rate(at(14s)) == 20);
  CHECK(bucket.rate(at(15s)) == 0.5);
  CHECK(bucket.rate(at(30s)) == 20);
  for (int i = 0; i < 2; ++i) bucket.take(at(0s));
  CHECK(bucket.opens(at(0s), 0) == at(50ms));
}

TEST_CASE("windows have a quota, and a fixed one its phase") {
  auto window =
      only_limit<sim::FixedWindow>("[[limit]]\nkind='fixed-window'\nquota='1/60s'\nphase='50s'\n");
  window.take(at(0s));
  CHECK(window.opens(at(0s), 0) == at(10s));
  auto sliding =
      only_limit<sim::SlidingWindow>("[[limit]]\nkind='sliding-window'\nquota='1/60s'\n");
  sliding.take(at(5s));
  CHECK(sliding.opens(at(6s), 0) == at(65s));
}

TEST_CASE("a cap may step") {
  const auto cap = only_limit<sim::Cap>("[[limit]]\nkind='cap'\ncap=[['0s',12],['40s',6]]\n");
  CHECK(cap.cap(at(39s)) == 12);
  CHECK(cap.cap(at(40s)) == 6);
}

TEST_CASE("limits stand together, with a ban, outages and a server of their own") {
  const sim::Model model =
      parse_model(
          "[[limit]]\nkind='cap'\ncap=3\n[[limit]]\nkind='bucket'\nrate='1/s'\n"
          "[ban]\nstrikes=2\n[jobs]\ntimeout=5\n"
          "[[outage]]\nfrom=3\nto=4\n[[outage]]\nfrom='1m'\nto='2m'\nhangs=true\n"
          "[server]\nkind='queue'\nservers=4\nzombies=false\n",
          "m.toml")
          .model;
  CHECK(model.limits.size() == 2);
  CHECK(model.ban);
  CHECK_FALSE(model.outages.at(at(3s))->hangs);
  CHECK(model.outages.at(at(90s))->hangs);
  CHECK(model.outages.at(at(4s)) == nullptr);
  CHECK(std::get<sim::Queue>(model.pace).servers() == 4);
  CHECK_FALSE(std::get<sim::Queue>(model.pace).zombies());
  const sim::Model knee =
      parse_model("[server]\nkind='knee'\ncontention=0\ncoherency=0.04\n", "m.toml").model;
  CHECK(std::get<sim::Knee>(knee.pace).best(64) == 5);
}
