// The table of settings: what must hold of every row.
#include "cli/settings.h"

#include <algorithm>
#include <set>

#include "cli/config.h"
#include "cli/config_file.h"
#include "cli/config_text.h"
#include "cli/flag_docs.h"
#include "cli/help.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/values.h"
#include "lib/core/text.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

Settings defaults() {
  const char* const nothing[] = {nullptr};
  return load_config({}, nothing, 4).settings;
}

}  // namespace

TEST_CASE("every default is allowed and written in its shortest spelling") {
  for (const Setting& setting : settings_table()) {
    if (is_list(setting)) continue;
    CAPTURE(toml_name(setting));
    Settings settings;
    CHECK(assign(settings, setting, setting.fallback) == "");
    CHECK(text_of(settings, setting) == setting.fallback);
  }
}

TEST_CASE("no two flags, keys or variables have the same name") {
  std::set<std::string> names;
  for (const Chapter& chapter : flag_docs()) {
    for (const FlagDoc& flag : chapter.flags) {
      for (const std::string& name : flag.names) {
        CAPTURE(name);
        CHECK(names.insert(name).second);
      }
    }
  }
  for (const Setting& setting : settings_table()) {
    CAPTURE(toml_name(setting));
    CHECK(names.insert(toml_name(setting)).second);
    CHECK(names.insert(environment_name(setting, "GENTLIFY")).second);
  }
}

TEST_CASE("no two rows write the same member") {
  std::vector<Setting::Member> members;
  for (const Setting& setting : settings_table()) {
    CAPTURE(toml_name(setting));
    CHECK(std::find(members.begin(), members.end(), setting.member) == members.end());
    members.push_back(setting.member);
  }
}

TEST_CASE("a setting is named alike on the command line, in TOML and in the environment") {
  const Setting& setting = settings_table()[*find_setting("retry.max_attempts")];
  CHECK(flag_name(setting) == "--retry-max-attempts");
  CHECK(environment_name(setting, "GENTLIFY") == "GENTLIFY_RETRY_MAX_ATTEMPTS");
  CHECK(environment_name(setting, "MYAPP") == "MYAPP_RETRY_MAX_ATTEMPTS");
}

TEST_CASE("no setting is named as a variable that jobs are given") {
  for (const Setting& setting : settings_table()) {
    const std::string name = environment_name(setting, "GENTLIFY");
    CAPTURE(name);
    for (const char* taken :
         {"GENTLIFY_RUN", "GENTLIFY_SEQ", "GENTLIFY_JOB", "GENTLIFY_ATTEMPT", "GENTLIFY_SLOT",
          "GENTLIFY_JOB_KEY", "GENTLIFY_REPORT_FD", "GENTLIFY_CONFIG"}) {
      CHECK(name != taken);
    }
  }
}

TEST_CASE("every number has a range and every switch has no value") {
  for (const Setting& setting : settings_table()) {
    CAPTURE(toml_name(setting));
    // --resume is a switch that may be given a value.
    CHECK((is_switch(setting) || setting.key == "resume") == setting.metavar.empty());
    const bool number = std::holds_alternative<int Settings::*>(setting.member) ||
                        std::holds_alternative<std::uint64_t Settings::*>(setting.member) ||
                        std::holds_alternative<double Settings::*>(setting.member) ||
                        std::holds_alternative<Duration Settings::*>(setting.member) ||
                        std::holds_alternative<Concurrency Settings::*>(setting.member);
    CHECK(number == (setting.range.find("..") != std::string_view::npos));
  }
}

TEST_CASE("every flag is explained in one sentence") {
  for (const Chapter& chapter : flag_docs()) {
    for (const FlagDoc& flag : chapter.flags) {
      CAPTURE(flag.names.back());
      CHECK(flag.help.ends_with('.'));
      CHECK(flag.help.find(". ") == std::string_view::npos);
      CHECK(flag.help.find("  ") == std::string_view::npos);
    }
  }
}

TEST_CASE("every alias writes a setting that is there") {
  for (const Alias& alias : alias_table()) {
    CAPTURE(alias.flag);
    CHECK(find_setting(alias.key));
    CHECK((alias.period_key.empty() || find_setting(alias.period_key)));
    CHECK(alias.metavar.empty() == !alias.value.empty());
  }
}

TEST_CASE("the defaults are those of the manual") {
  const Settings s = defaults();
  CHECK(s.max_concurrency.resolve(4) == 4);
  CHECK(s.controller == "hover");
  CHECK(s.retry_max_attempts == 3);
  CHECK(s.retry_overload == 20);
  CHECK(s.retry_backoff == "exponential_jitter");
  CHECK(s.success_exit == ExitSet(1));
  CHECK(to_text(s.overload_exit) == "75");
  CHECK(to_text(s.permanent_exit) == "64-66,77,78,126,127");
  CHECK(s.input.empty());
  CHECK(s.delimiter == "\n");
  CHECK(s.replace == "{}");
  CHECK(s.max_line == 1 << 20);
  CHECK(s.milestones.percent == 10);
  CHECK(s.kill_grace == Duration(std::chrono::seconds(5)));
}

TEST_CASE("the example sets every setting, each to its default") {
  const std::vector<FileEntry> entries = parse_config(example_config(), "example.toml").settings;
  CHECK(entries.size() == settings_table().size());
  const Settings expected = defaults();
  for (const FileEntry& entry : entries) {
    const Setting& setting = settings_table()[entry.row];
    CAPTURE(toml_name(setting));
    if (is_list(setting)) {
      CHECK(entry.texts.empty());
      continue;
    }
    Settings settings;
    REQUIRE(entry.texts.size() == 1);
    REQUIRE(assign(settings, setting, entry.texts.front()) == "");
    CHECK(text_of(settings, setting) == text_of(expected, setting));
  }
}

TEST_CASE("the help names every flag and fits 80 columns") {
  const std::string text = help();
  for (const std::string_view line : split(text, "\n")) {
    CAPTURE(line);
    CHECK(columns(line) <= 80);
  }
  for (const Chapter& chapter : flag_docs()) {
    for (const FlagDoc& flag : chapter.flags) {
      CHECK(text.find("  " + headline(flag)) != std::string::npos);
    }
  }
}

TEST_CASE("a near name is suggested and a far one is not") {
  const std::vector<std::string> names = {"--jobs", "--retries", "--retry-max-attempts"};
  CHECK(did_you_mean("--job", names) == "; did you mean --jobs?");
  CHECK(did_you_mean("--retires", names) == "; did you mean --retries?");
  CHECK(did_you_mean("--max-attempts", names) == "; did you mean --retry-max-attempts?");
  CHECK(did_you_mean("--frobnicate", names) == "");
  CHECK(did_you_mean(std::string(100'000, 'x'), names) == "");
}
