// Presets: built in, of files, and merged with everything else.
#include "cli/presets.h"

#include "cli/config_text.h"
#include "lib/engine/match.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;
using namespace std::chrono_literals;

namespace {

const std::map<std::string, Preset>& built_in() {
  static const Presets presets;
  return presets.all();
}

Presets with(const std::string& text) {
  Presets presets;
  for (const PresetTable& table : parse_config(text, "own.toml").presets) presets.add(table);
  return presets;
}

}  // namespace

TEST_CASE("every built-in preset can be used, says what it is, and starts at a rate it keeps to") {
  const Words names = {"airtable", "fieldguide", "github", "notion",
                       "openai",   "slack",      "vanta",  "zapier"};
  Words found;
  for (const auto& [name, preset] : built_in()) {
    INFO(name);
    found.push_back(name);
    const Config config = load({"--preset", name});
    const Settings& s = config.settings;
    CHECK_FALSE(preset.about.empty());
    CHECK(preset.about.size() <= 80);
    REQUIRE(s.rate.amount > 0);
    CHECK(s.max_rate >= s.min_rate);
    CHECK_FALSE(s.overload_match.empty());
    CHECK(s.max_concurrency.resolve(4) == 16);
    CHECK(origin(config, "rate") == "preset " + name);
  }
  CHECK(found == names);
}

TEST_CASE("what clients write on stderr when they are refused is overload to each preset") {
  const auto* const client = GENERATE(
      "curl: (22) The requested URL returned error: 429",
      "curl: (22) The requested URL returned error: 503 Service Unavailable",
      "gh: something (HTTP 429)", "< HTTP/2 429 ", "HTTP/1.1 429 Too Many Requests",
      "2026-11-22 12:00:00 ERROR 429: Too Many Requests.",
      "requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://x/y");
  for (const auto& preset : built_in()) {
    INFO(preset.first << ": " << client);
    CHECK(Pattern(load({"--preset", preset.first}).settings.overload_match).found_in(client));
  }
}

TEST_CASE("what says nothing of a limit is overload to no preset") {
  const auto* const client =
      GENERATE("curl: (22) The requested URL returned error: 404", "gh: Not Found (HTTP 404)",
               "< x-ratelimit-remaining: 4290", "< x-ratelimit-limit: 5000", "item 429 done",
               "error: 4290", "HTTP/1.1 200 OK");
  for (const auto& preset : built_in()) {
    INFO(preset.first << ": " << client);
    CHECK_FALSE(Pattern(load({"--preset", preset.first}).settings.overload_match).found_in(client));
  }
}

TEST_CASE("the words of a service are known to its preset") {
  const auto matches = [](const std::string& preset, std::string_view text) {
    return Pattern(load({"--preset", preset}).settings.overload_match).found_in(text);
  };
  CHECK(matches("github", "gh: API rate limit exceeded for user ID 1. (HTTP 403)"));
  CHECK(matches("github", "gh: You have exceeded a secondary rate limit. (HTTP 403)"));
  CHECK_FALSE(matches("github", "gh: Must have admin rights to Repository. (HTTP 403)"));
  CHECK(matches("slack", R"({"ok":false,"error":"ratelimited"})"));
  CHECK(matches("notion", R"({"status":429,"code":"rate_limited"})"));
  CHECK(matches("notion", "curl: (22) The requested URL returned error: 529"));
  CHECK(matches("openai", "Error code: 429 - {'error': {'code': 'rate_limit_exceeded'}}"));
}

TEST_CASE("the time to wait is found in headers and in words") {
  const auto groups = [](const std::string& preset, std::string_view text) {
    return Pattern(load({"--preset", preset}).settings.retry_after_match).groups_in(text);
  };
  using Groups = std::vector<std::string_view>;
  for (const auto& preset : built_in()) {
    INFO(preset.first);
    CHECK(groups(preset.first, "< retry-after: 30\r\n") == Groups{"30"});
    CHECK(groups(preset.first, "x\nRetry-After: 7\n") == Groups{"7"});
    CHECK(groups(preset.first, "< Retry-After: Sun, 22 Nov 2026 12:00:30 GMT\r\n") ==
          Groups{"Sun, 22 Nov 2026 12:00:30 GMT"});
  }
  CHECK(groups("openai", "Rate limit reached. Please try again in 1.5s. Visit") == Groups{"1.5"});
  CHECK(groups("openai", "Please try again in 20ms.").empty());
  CHECK(groups("openai", "Please try again in 6m0s.").empty());
}

TEST_CASE("everything that is said wins over the preset, and that over the default") {
  const File file("max_rate = 2\nrate = \"1/s\"\nretry.max_attempts = 9\n");
  const Config config = load({"--preset", "notion", "--config", file.path(), "--min-rate", "0.2"},
                             {"GENTLIFY_RATE=2/s"});
  CHECK(config.settings.controller == "aimd");
  CHECK(origin(config, "controller") == "preset notion");
  CHECK(config.settings.max_rate == 2);
  CHECK(origin(config, "max_rate") == file.path() + ":1:12");
  CHECK(config.settings.rate == Rate{2, 1s});
  CHECK(origin(config, "rate") == "GENTLIFY_RATE");
  CHECK(config.settings.min_rate == 0.2);
  CHECK(config.settings.retry_max_attempts == 9);
  CHECK(config.settings.increase_step == 0.1);
}

TEST_CASE("a preset is chosen by a flag, a variable or a file, in this order") {
  const File file("preset = \"slack\"\n");
  const Words from_file = {"--config", file.path()};
  CHECK(load(from_file).settings.preset == "slack");
  CHECK(load(from_file, {"GENTLIFY_PRESET=vanta"}).settings.preset == "vanta");
  Words both = from_file;
  both.insert(both.end(), {"--preset", "zapier"});
  CHECK(load(both, {"GENTLIFY_PRESET=vanta"}).settings.rate == Rate{20, 1s});
  both.back() = "";
  CHECK(load(both, {"GENTLIFY_PRESET=vanta"}).settings.rate.amount == 0);
}

TEST_CASE("a preset of a file stands by itself, or takes the place of single fields") {
  const File file(
      "[preset.mine]\nretry.max_attempts = 7\n[preset.notion]\nabout = \"ours\"\n"
      "max_rate = 1\n[preset.notion.retry]\noverload = 3\n");
  const Config mine = load({"--config", file.path(), "--preset", "mine"});
  CHECK(mine.settings.retry_max_attempts == 7);
  CHECK(mine.settings.rate.amount == 0);
  CHECK(mine.settings.max_concurrency.resolve(4) == 16);
  CHECK(origin(mine, "retry.max_attempts") == "preset mine, " + file.path() + ":2:22");
  const Config notion = load({"--config", file.path(), "--preset", "notion"});
  CHECK(notion.settings.max_rate == 1);
  CHECK(notion.settings.retry_overload == 3);
  CHECK(notion.settings.min_rate == 0.5);
  CHECK(origin(notion, "min_rate") == "preset notion");
}

TEST_CASE("a later file adds to the presets of an earlier one, and a file can use its own") {
  const File one(
      "[preset.mine]\nretry.max_attempts = 7\nretry.overload = 3\n[preset]\nuse = 'mine'\n");
  const File two("[preset.mine]\nretry.max_attempts = 8\n");
  const Config config = load({"--config", one.path(), "--config", two.path()});
  CHECK(config.settings.preset == "mine");
  CHECK(config.settings.retry_max_attempts == 8);
  CHECK(config.settings.retry_overload == 3);
}

TEST_CASE("a preset that nobody knows is refused, with those there are") {
  const std::string known =
      " The presets are airtable, fieldguide, github, notion, openai, slack, vanta, zapier.";
  CHECK(refusal({"--preset", "nothing"}) ==
        Refusal{ExitCode::usage, "--preset nothing: there is no such preset." + known});
  CHECK(refusal({"--preset", "githb"}) ==
        Refusal{ExitCode::usage,
                "--preset githb: there is no such preset; did you mean github?" + known});
  CHECK(refusal({}, {"GENTLIFY_PRESET=x"}) ==
        Refusal{ExitCode::bad_config, "GENTLIFY_PRESET=x: there is no such preset." + known});
  const File file("preset = \"x\"\n");
  CHECK(refusal({"--config", file.path()}) ==
        Refusal{ExitCode::bad_config,
                file.path() + ":1:10: preset = x: there is no such preset." + known});
  const File own("[preset.xy]\n");
  CHECK(refusal({"--config", own.path(), "--preset", "xz"}).sentence.find("xy, zapier.") !=
        std::string::npos);
}

TEST_CASE("presets of files are checked, chosen or not") {
  const File bad_value("[preset.a]\nrate = \"5\"\n");
  CHECK(refusal({"--config", bad_value.path()}) ==
        Refusal{ExitCode::bad_config, bad_value.path() +
                                          ":2:8: rate = 5: must be none or a rate such as 10/s, "
                                          "100/m, 5000/h or 5/10s, of 1ms to 365d"});
  CHECK(file_refusal("[preset.a]\nrats = 1\n") ==
        "c.toml:2:1: rats: there is no such setting; did you mean rate?");
  CHECK(file_refusal("[preset.a]\nrate = 5\n") ==
        "c.toml:2:8: rate = 5: must be a string, not an integer");
  CHECK(file_refusal("[preset.a]\nabout = 5\n") == "c.toml:2:9: about: must be a string");
  CHECK(file_refusal("[preset.a]\npreset = 'b'\n") ==
        "c.toml:2:10: a preset cannot take another one");
  CHECK(file_refusal("[preset]\na = 5\n") ==
        "c.toml:2:1: preset.a: must be a table, written [preset.a]");
}

TEST_CASE("a preset is printed as the table that it is read from") {
  const std::string text =
      "[preset.mine]\nabout = \"a \\\"b\\\"\"\nrate = \"5/s\"\nretry.max_attempts = 7\n";
  const Presets presets = with(text);
  const std::string printed = preset_text("mine", *presets.find("mine"));
  CHECK(printed ==
        "[preset.mine]\nabout = \"a \\\"b\\\"\"\nrate = \"5/s\"  # own.toml:3:8\n"
        "retry.max_attempts = 7  # own.toml:4:22\n");
  CHECK(with(printed).find("mine")->fields.size() == 2);
  for (const auto& [name, preset] : built_in()) {
    INFO(name);
    const Presets again = with(preset_text(name, preset));
    CHECK(again.find(name)->about == preset.about);
    CHECK(again.find(name)->fields.size() == preset.fields.size());
  }
  CHECK(preset_text("a b", {}) == "[preset.\"a b\"]\n");
}

TEST_CASE("settings that come from a preset are printed with its name, and load again without it") {
  const Config config = load({"--preset", "openai"});
  const std::string printed = show(config);
  CHECK(printed.find("# preset openai") != std::string::npos);
  const File again(printed);
  const Config loaded = load({"--config", again.path()});
  CHECK(loaded.settings.token_budget_max == 30000);
  CHECK(loaded.settings.cost_match == config.settings.cost_match);

  const File own("[preset.mine]\nrate = \"5/s\"\n");
  const File of_own(show(load({"--config", own.path(), "--preset", "mine"})));
  CHECK(load({"--config", of_own.path()}).settings.rate == Rate{5, 1s});
}
