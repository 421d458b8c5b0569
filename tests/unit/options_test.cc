// The command line as data.
#include "cli/options.h"

#include "cli/names.h"
#include "lib/core/error.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Words = std::vector<std::string>;

Options parse(const Words& words) {
  std::vector<const char*> argv = {"gentlify"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

/// "-j max_concurrency=4" for each flag.
Words flags(const Words& words) {
  Words out;
  for (const Options::Assignment& a : parse(words).assignments) {
    out.push_back(a.flag + ' ' + toml_name(settings_table()[a.row]) + '=' + a.text);
  }
  return out;
}

/// The sentence with which `words` are refused, which must be as wrong usage.
std::string refusal(const Words& words) {
  try {
    parse(words);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::usage);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("no words are no options") {
  const Options options = parse({});
  CHECK(options.verb == Options::Verb::run);
  CHECK(options.assignments.empty());
  CHECK(options.command.empty());
  CHECK(options.lists.empty());
  CHECK(options.env_prefix == "GENTLIFY");
}

TEST_CASE("options end at the first word that is not one") {
  const Options options = parse({"-j4", "curl", "-f", "--retries", "3", "{}"});
  CHECK(options.assignments.size() == 1);
  CHECK(options.command == Words{"curl", "-f", "--retries", "3", "{}"});
}

TEST_CASE("what follows ::: is items, and what stands before it is the command") {
  const Options options = parse({"-j", "4", "echo", "-n", ":::", "a", "-b", "--"});
  CHECK(options.command == Words{"echo", "-n"});
  REQUIRE(options.lists.size() == 1);
  CHECK(options.lists[0].values == Words{"a", "-b", "--"});
}

TEST_CASE("::: right after the options leaves no command") {
  const Options options = parse({"-j", "4", ":::", "a", "b"});
  CHECK(options.command.empty());
  REQUIRE(options.lists.size() == 1);
  CHECK(options.lists[0].values == Words{"a", "b"});
  CHECK(parse({":::"}).lists.size() == 1);
}

TEST_CASE("each ::: begins a list, and each :::+ one that is linked to the list before") {
  const Options options = parse({"echo", ":::", "a", "b", ":::", ":::+", "c"});
  REQUIRE(options.lists.size() == 3);
  CHECK(options.lists[0].values == Words{"a", "b"});
  CHECK(options.lists[1].values.empty());
  CHECK_FALSE(options.lists[1].linked);
  CHECK(options.lists[2].linked);
  CHECK(refusal({"echo", ":::+", "b"}) ==
        ":::+ links a list to the one before it, and there is none");
}

TEST_CASE("-- ends the options") {
  CHECK(parse({"-q", "--", "-x", "--"}).command == Words{"-x", "--"});
  CHECK(parse({"--", "report"}).command == Words{"report"});
  CHECK(parse({"--", "run"}).command == Words{"run"});
  CHECK(parse({"--"}).command.empty());
}

TEST_CASE("a verb is a verb only as the first word") {
  CHECK(parse({"run", "-q", "echo"}).command == Words{"echo"});
  CHECK(parse({"run", "report"}).command == Words{"report"});
  CHECK(parse({"-q", "run"}).command == Words{"run"});
  CHECK(parse({"-q", "check"}).command == Words{"check"});
}

TEST_CASE("check takes a file, with flags on either side of it") {
  const Options options = parse({"check", "-j", "9", "ci.toml", "--preset=ours"});
  CHECK(options.verb == Options::Verb::check);
  CHECK(options.command == Words{"ci.toml"});
  CHECK(options.assignments.size() == 2);
  CHECK(parse({"check", "--", "--odd.toml"}).command == Words{"--odd.toml"});
  CHECK(refusal({"check", "ci.toml", "--prest", "x"}) ==
        "there is no flag --prest; did you mean --preset?");
}

TEST_CASE("simulate takes flags of its own, which no other verb does") {
  const Options options = parse({"simulate", "--model", "m.toml", "-j", "9", "--seed=5", "--json"});
  CHECK(options.verb == Options::Verb::simulate);
  CHECK(options.simulation.model == "m.toml");
  CHECK(options.simulation.seed == 5);
  CHECK(options.simulation.runs == 1);
  CHECK(options.simulation.json);
  CHECK(options.assignments.size() == 1);
  CHECK(refusal({"--model", "m.toml"}) == "there is no flag --model; gentlify --help lists them");
  CHECK(refusal({"simulate", "--runs", "0"}) == "--runs 0: must be from 1 to 1000000");
}

TEST_CASE("every row of the table has a flag") {
  for (const Setting& setting : settings_table()) {
    for (const std::string& name : spellings(setting)) {
      CAPTURE(name);
      const Words words = is_switch(setting) ? Words{name} : Words{name, "some"};
      const Options options = parse(words);
      REQUIRE(options.assignments.size() == 1);
      CHECK(&settings_table()[options.assignments[0].row] == &setting);
      CHECK(options.assignments[0].text == (setting.metavar.empty() ? "true" : "some"));
      CHECK(options.assignments[0].flag == name);
    }
  }
}

TEST_CASE("a value stands in the next word, after = or right after one letter") {
  CHECK(flags({"--jobs", "4"}) == Words{"--jobs max_concurrency=4"});
  CHECK(flags({"--jobs=4"}) == Words{"--jobs max_concurrency=4"});
  CHECK(flags({"-j4"}) == Words{"-j max_concurrency=4"});
  CHECK(flags({"--replace=a=b"}) == Words{"--replace replace=a=b"});
}

TEST_CASE("short switches may stand in one word, the last one with its value") {
  CHECK(flags({"-0qj4"}) == Words{"-0 null=true", "-q quiet=true", "-j max_concurrency=4"});
}

TEST_CASE("a value may begin with a dash") {
  CHECK(flags({"-a", "-"}) == Words{"-a input=-"});
  CHECK(flags({"-I", "--", "x"}) == Words{"-I replace=--"});
  CHECK(flags({"-d", "-q"}) == Words{"-d delimiter=-q"});
}

TEST_CASE("a value after = may be empty") {
  const Options options = parse({"--permanent-exit=", "true"});
  REQUIRE(options.assignments.size() == 1);
  CHECK(options.assignments[0].text == "");
  CHECK(options.command == Words{"true"});
}

TEST_CASE("a word of the command that ends in = stays as it is") {
  CHECK(parse({"-j4", "env", "--jobs="}).command == Words{"env", "--jobs="});
  CHECK(flags({"-I", "--jobs="}) == Words{"-I replace=--jobs="});
}

TEST_CASE("a value in brackets is one value") {
  CHECK(flags({"-I", "[a,b]"}) == Words{"-I replace=[a,b]"});
}

TEST_CASE("a switch can be switched off") {
  CHECK(flags({"--quiet=false"}) == Words{"--quiet quiet=false"});
  CHECK_FALSE(parse({"--help=false"}).help);
  CHECK(refusal({"--help=maybe"}) == "--help=maybe: must be true or false");
}

TEST_CASE("a switch does not take the next word") {
  const Options options = parse({"-q", "true"});
  CHECK(options.assignments[0].text == "true");
  CHECK(options.command == Words{"true"});
}

TEST_CASE("repeated flags stay in the order of the command line, aliases among them") {
  CHECK(flags({"-j1", "-P", "2", "-j", "3", "--max-concurrency", "4"}) ==
        Words{"-j max_concurrency=1", "-P max_concurrency=2", "-j max_concurrency=3",
              "--max-concurrency max_concurrency=4"});
  CHECK(flags({"--retry-max-attempts", "9", "--retries", "2"}) ==
        Words{"--retry-max-attempts retry.max_attempts=9", "--retries retry.max_attempts=3"});
}

TEST_CASE("an alias writes its setting in another way") {
  CHECK(flags({"--retries", "0"}) == Words{"--retries retry.max_attempts=1"});
  CHECK(flags({"--overload-retries", "5"}) == Words{"--overload-retries retry.overload=5"});
  CHECK(flags({"-u"}) == Words{"-u output=inherit"});
  CHECK(flags({"--total", "7"}) == Words{"--total total_tasks=7"});
  CHECK(refusal({"--retries", "many"}) ==
        "--retries many: must be a whole number from 0 to 999999");
  CHECK(refusal({"--retries", "1000000"}) != "accepted");
}

TEST_CASE("flags that write no setting are told apart") {
  const Options options =
      parse({"--config", "a", "--config=b", "--env-prefix", "MY_APP", "--print-config", "-V"});
  CHECK(options.config_files == Words{"a", "b"});
  CHECK(options.env_prefix == "MY_APP");
  CHECK(options.print_config);
  CHECK(options.version);
  CHECK_FALSE(options.help);
  CHECK(parse({"-h"}).help);
}

TEST_CASE("a prefix that no variable can have is refused") {
  for (const char* prefix : {"", "9A", "A-B", "A=B", "é"}) {
    CAPTURE(prefix);
    CHECK(refusal({"--env-prefix", prefix}).starts_with("--env-prefix "));
  }
}

TEST_CASE("an unknown flag is refused, with the one that is near") {
  CHECK(refusal({"--job", "4"}) == "there is no flag --job; did you mean --jobs?");
  CHECK(refusal({"--retires=3"}) == "there is no flag --retires; did you mean --retries?");
  CHECK(refusal({"--frobnicate"}) == "there is no flag --frobnicate; gentlify --help lists them");
  CHECK(refusal({"-z"}).starts_with("there is no flag -z;"));
  CHECK(refusal({"-qz"}).starts_with("there is no flag -z;"));
  CHECK(refusal({"-5"}).starts_with("there is no flag -5;"));
  CHECK(refusal({"-I", "--", "-x"}).starts_with("there is no flag -x;"));
  CHECK(refusal({"-q", "--bogus", "echo"}).starts_with("there is no flag --bogus;"));
  CHECK(refusal({"-"}).starts_with("- is no command"));
}

TEST_CASE("a flag is not cut short") {
  CHECK(refusal({"--quie"}) == "there is no flag --quie; did you mean --quiet?");
}

TEST_CASE("a flag without the value that it needs is refused") {
  CHECK(refusal({"--jobs"}) == "--jobs needs a value: --jobs N");
  CHECK(refusal({"-q", "-a"}) == "-a needs a value: -a FILE");
  CHECK(refusal({"-I", ":::", "a"}) == "-I needs a value: -I STR");
}

TEST_CASE("a control character in a refused word is shown, not sent") {
  CHECK(refusal({"--a\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("the hidden verb takes its words as they are") {
  const Options options = parse({"__generate", "--example"});
  CHECK(options.verb == Options::Verb::generate);
  CHECK(options.command == Words{"--example"});
}
