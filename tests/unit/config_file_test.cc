// What a settings file may hold, and what is said of one that is wrong.
#include "cli/config_file.h"

#include "tests/unit/catch.h"
#include "tests/unit/config_load.h"

using namespace gentlify;
using namespace gentlify::test;

TEST_CASE("an unknown key is refused, with the one that is near") {
  CHECK(
      file_refusal("[retry]\nmax_atempts = 3") ==
      "c.toml:2:1: retry.max_atempts: there is no such setting; did you mean retry.max_attempts?");
  CHECK(file_refusal("base_delay = 3").ends_with("did you mean retry.base_delay?"));
  CHECK(file_refusal("jobs = 3").ends_with("did you mean max_concurrency?"));
  CHECK(file_refusal("[output]\nx = 1").starts_with("c.toml:1:1: output: must be"));
  CHECK(file_refusal("[x]").ends_with("x: there is no such setting"));
  CHECK(file_refusal("retry.slot.x = 1").find("retry.slot: must be a string") != std::string::npos);
  CHECK(file_refusal("retry = 3") == "c.toml:1:1: retry: must be a table, written [retry]");
}

TEST_CASE("a value of the wrong type is refused, with the types that are allowed") {
  CHECK(file_refusal("quiet = \"yes\"") ==
        "c.toml:1:9: quiet = yes: must be true or false, not a string");
  CHECK(file_refusal("quiet = 1") ==
        "c.toml:1:9: quiet = 1: must be true or false, not an integer");
  CHECK(file_refusal("min_concurrency = \"3\"").ends_with("must be an integer, not a string"));
  CHECK(file_refusal("min_concurrency = 1.5").ends_with("must be an integer, not a float"));
  CHECK(file_refusal("output = 07:32:00") == "c.toml:1:10: output: must be a string, not a time");
  CHECK(file_refusal("output = 1").ends_with("must be a string, not an integer"));
  CHECK(file_refusal("max_line = true").ends_with("must be an integer or a string, not a boolean"));
  CHECK(file_refusal("jitter_fraction = \"1\"")
            .ends_with("must be an integer or a float, not a string"));
  CHECK(file_refusal("kill_grace = 07:32:00").ends_with("or a string, not a time"));
  CHECK(file_refusal("input = [\"a\", 1]").ends_with("an array of strings, not an integer"));
  CHECK(file_refusal("input = [[\"a\"]]").ends_with("an array of strings, not an array"));
}

TEST_CASE("a value is read from each type that fits") {
  const File file(
      "max_concurrency = 8\nmilestones = 100\noverload_exit = 7\nkill_grace = 1.5\n"
      "max_line = 10\njitter_fraction = 1\ntotal_tasks = \"auto\"\ninput = \"a\"\n"
      "[retry]\nbase_delay = 2\nmax_delay = \"3m\"\n");
  const Settings s = load({"--config", file.path()}).settings;
  CHECK(s.max_concurrency.resolve(4) == 8);
  CHECK(s.milestones.jobs == 100);
  CHECK(to_text(s.overload_exit) == "7");
  CHECK(s.kill_grace == from_seconds(1.5));
  CHECK(s.max_line == 10);
  CHECK(s.jitter_fraction == 1);
  CHECK(s.input == Words{"a"});
  CHECK(s.retry_base_delay == from_seconds(2));
  CHECK(s.retry_max_delay == from_seconds(180));
}

TEST_CASE("a character beyond ASCII may begin the rest of a line that goes on") {
  const File file("replace = \"\"\"a\\\n  é\"\"\"");
  CHECK(load({"--config", file.path()}).settings.replace == "aé");
}

TEST_CASE("a negative number is out of every range") {
  const File file("min_concurrency = -1");
  CHECK(refusal({"--config", file.path()})
            .sentence.ends_with("min_concurrency = -1: must be a whole number from 1 to 1000000"));
}

TEST_CASE("a syntax error names file, line and column") {
  CHECK(file_refusal("quiet = true\nnull = \n").starts_with("c.toml:2:"));
  CHECK(file_refusal("quiet = true\nquiet = false").starts_with("c.toml:2:"));
  CHECK(file_refusal("replace = \"\xff\"").starts_with("c.toml:1:"));
  CHECK(file_refusal("[ = 1").starts_with("c.toml:1:3: "));
  CHECK(file_refusal("quiet = true é").starts_with("c.toml:1:"));
}

TEST_CASE("a file that cannot be read is refused") {
  CHECK(refusal({"--config", "/no/such/file"}) ==
        Refusal{ExitCode::bad_config,
                "cannot read the configuration /no/such/file: No such file or directory"});
  CHECK(refusal({"--config", "/"}).code == ExitCode::bad_config);
  CHECK(refusal({}, {"GENTLIFY_CONFIG=/no/such/file"}).code == ExitCode::bad_config);
}

TEST_CASE("a file of up to 64 KiB is read") {
  const std::string filler = "#" + std::string(largest_config - 2, 'x') + "\n";
  CHECK(file_refusal(filler) == "accepted");
  CHECK(file_refusal(filler + "\n").starts_with("c.toml: the file is over 64 KiB"));
  const File endless(filler + filler);
  CHECK(refusal({"--config", endless.path()}).code == ExitCode::bad_config);
}

TEST_CASE("no file of 64 KiB can take all of the stack") {
  CHECK(file_refusal(repeated("a.", 30'000) + "a = 1") == "c.toml:1: a key has too many parts");
  CHECK(file_refusal(std::string("\n[") + repeated("a.", 30'000) + "a]").starts_with("c.toml:2: "));
  CHECK(file_refusal(repeated("\"a\".", 15'000) + "a = 1").ends_with("too many parts"));
  CHECK(file_refusal(std::string("a = ") + repeated("[", 60'000)).ends_with("nested too deeply"));
  CHECK(file_refusal(std::string("a = ") + repeated("{a=", 20'000)).ends_with("nested too deeply"));
  CHECK(file_refusal(std::string("a = ") + repeated("[\n", 30'000)).ends_with("nested too deeply"));
  // As deep as it gets by: 32 dots a line, eight brackets.
  const std::string deepest = repeated(std::string("[\n{") + repeated("a.", 32) + "a=", 4);
  CHECK(file_refusal(std::string("a = ") + deepest + "1" + repeated("}\n]", 4))
            .ends_with("a: there is no such setting"));
}

TEST_CASE("no string or comment hides a deep key from the check") {
  const std::string deep = std::string("{") + repeated("a.", 30'000) + "a=1}";
  CHECK(file_refusal("a = [\"\"\" \"\"\"\" ," + deep + "]").ends_with("too many parts"));
  CHECK(file_refusal("a = [''' '''' ," + deep + "]").ends_with("too many parts"));
  CHECK(file_refusal("a = [\"\\\\\"," + deep + "]").ends_with("too many parts"));
  CHECK(file_refusal("a = ['\\'," + deep + "]").ends_with("too many parts"));
  CHECK(file_refusal("# \"\na = " + deep).ends_with("too many parts"));
  CHECK(file_refusal("a = \"#\" \nb = " + deep).ends_with("too many parts"));
}

TEST_CASE("dots and brackets in strings and comments are no depth") {
  const std::string many = repeated(".", 100) + repeated("[", 100);
  CHECK(file_refusal("# " + many) == "accepted");
  CHECK(file_refusal("replace = \"" + many + "\\\"" + many + "\"") == "accepted");
  CHECK(file_refusal("replace = '" + many + "'") == "accepted");
  CHECK(file_refusal("replace = \"\"\"" + many + "\n\"" + many + "\"\"\"") == "accepted");
}
