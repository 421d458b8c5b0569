// What is made of other sources' items: rows, objects, batches, another order.
#include <algorithm>
#include <set>

#include "lib/core/error.h"
#include "lib/engine/input/batch_source.h"
#include "lib/engine/input/header_source.h"
#include "lib/engine/input/json_source.h"
#include "lib/engine/input/list_source.h"
#include "lib/engine/input/row_source.h"
#include "lib/engine/input/shuffled_source.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Words = std::vector<std::string>;

/// Items that stand on lines 1, 2, …
class Lines : public Source {
 public:
  explicit Lines(Words lines) : lines_(std::move(lines)) {}
  Read next(Job& job) override {
    if (next_ == lines_.size()) return Read::end;
    job.item = lines_[next_++];
    job.line = next_;
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return lines_.size(); }
  Rest rest() override { return {lines_.size() - next_, true}; }

 private:
  Words lines_;
  std::size_t next_ = 0;
};

std::unique_ptr<Source> lines(Words lines) {
  return std::make_unique<Lines>(std::move(lines));
}

std::vector<Job> all(Source& source) {
  std::vector<Job> jobs;
  for (;;) {
    Job job;
    const Source::Read read = source.next(job);
    if (read == Source::Read::end) return jobs;
    if (read == Source::Read::item) jobs.push_back(job);
  }
}

Words parts(const Job& job) {
  Words words;
  for (std::size_t i = 0; i < job.parts.size(); ++i) words.emplace_back(job.parts[i]);
  return words;
}

/// The one job that `line` makes.
Job read_json(const std::string& line, JsonRules rules = {}) {
  rules.parse_duration = [](std::string_view text) {
    return text == "2m" ? std::optional<Duration>(std::chrono::minutes(2)) : std::nullopt;
  };
  JsonSource source(lines({line}), rules);
  return all(source).at(0);
}

JsonRules with_template(Words members) {
  JsonRules rules;
  rules.has_template = true;
  rules.members = std::move(members);
  return rules;
}

}  // namespace

TEST_CASE("rows are taken apart as RFC 4180 has it") {
  RowSource source(lines({"a,b", "\"a,\"\"b\n\",", "", "a\"b, \"c\""}), ',', 0);
  const std::vector<Job> jobs = all(source);
  CHECK(parts(jobs.at(0)) == Words{"a", "b"});
  CHECK(parts(jobs.at(1)) == Words{"a,\"b\n", ""});
  CHECK(parts(jobs.at(2)) == Words{""});
  CHECK(parts(jobs.at(3)) == Words{"a\"b", " \"c\""});
}

TEST_CASE("a bad row says in which line and column it is bad") {
  RowSource source(lines({"x", "\"a\n\"b,c", "ä,\"b"}), ',', 0);
  const std::vector<Job> jobs = all(source);
  CHECK(jobs.at(0).defect.empty());
  CHECK(jobs.at(1).defect ==
        "line 3, column 2: after a closing quote there must be the separator; the row begins in "
        "line 2");
  CHECK(jobs.at(2).defect == "line 3, column 3: the quote that opens here is not closed");
}

TEST_CASE("a quote that is not closed tells what it takes") {
  RowSource source(lines({"a,\"b\nc\nd"}), ',', 0);
  CHECK(
      all(source).at(0).defect ==
      "line 1, column 3: the quote that opens here is not closed, and takes the next 2 lines with "
      "it");
}

TEST_CASE("the header names the columns, and rows have as many as it") {
  auto header = std::make_unique<HeaderSource>(lines({"\xEF\xBB\xBFname,n", "a,1", "", "b"}), ',');
  CHECK(header->names() == Words{"name", "n"});
  CHECK(header->total() == 3U);
  RowSource source(std::move(header), ',', 2);
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 2);
  CHECK(parts(jobs[0]) == Words{"a", "1"});
  CHECK(jobs[1].defect == "it has 1 column, the header 2");
  CHECK(source.total() == 2U);
  CHECK_THROWS_WITH(HeaderSource(lines({}), ','), "there is no header: the input is empty");
  CHECK_THROWS_WITH(HeaderSource(lines({"\"a"}), ','),
                    "the header cannot be read: line 1, column 1: the quote that opens here is not "
                    "closed");
}

TEST_CASE("an object says what to run and how") {
  const Job job = read_json(
      R"({"argv":["a b",1.10,true],"id":7,"env":{"A":"x","B":2,"A":"y"},"cwd":"/","stdin":"\u0000",)"
      R"("cost":3,"timeout":"2m","retries":0})");
  REQUIRE(job.defect.empty());
  CHECK(job.own->argv == Words{"a b", "1.10", "true"});
  CHECK(job.own->id == "7");
  CHECK(job.own->environment == Words{"B=2", "A=y"});
  CHECK(job.own->directory == "/");
  CHECK(job.own->input == std::string(1, '\0'));
  CHECK(job.cost == 3);
  CHECK(job.own->timeout == std::chrono::minutes(2));
  CHECK(job.own->max_attempts == 1);
}

TEST_CASE("members become the words of a template as they are written") {
  const Job job = read_json(R"({"s":"ä\n","n":1.50,"big":123456789012345678901234567890,"z":null,)"
                            R"("l":[1, {"a": 2e400}] })",
                            with_template({"l", "big", "z", "n", "s"}));
  CHECK(job.defect.empty());
  CHECK(parts(job) ==
        Words{"[1, {\"a\": 2e400}]", "123456789012345678901234567890", "", "1.50", "ä\n"});
}

TEST_CASE("a member that is the job's own may be asked for, too") {
  const Job job = read_json(R"({"env":{"A": "b"},"cost":3})", with_template({"env", "cost"}));
  CHECK(job.defect.empty());
  CHECK(parts(job) == Words{R"({"A": "b"})", "3"});
  CHECK(job.own->environment == Words{"A=b"});
}

TEST_CASE("a bad object says why") {
  const auto defect = [](const std::string& line) { return read_json(line).defect; };
  CHECK(defect("[1]") == "line 1: it is not an object");
  CHECK(defect("") == "line 1: this is no JSON");
  CHECK(defect(R"({"shell":"x"} {})") ==
        "line 1, column 15: after the object there is something more");
  CHECK(defect(R"({"id":"x"})") ==
        "line 1: there is neither \"argv\" nor \"shell\", and no COMMAND");
  CHECK(defect(R"({"shell":"x","argv":["x"]})").ends_with("and so does \"shell\""));
  CHECK(defect(R"({"shell":"x","tiemout":1})").find("\"tiemout\" is not known here") !=
        std::string::npos);
  CHECK(defect(R"({"shell":"x","env":{"GENTLIFY_RUN":"1"}})").ends_with("are gentlify's own"));
  CHECK(defect(R"({"shell":"a\u0000"})").ends_with("\"shell\" holds a NUL, which no argument can"));
  for (const char* line : {R"({"argv":[]})", R"({"argv":[""]})", R"({"argv":[[]]})",
                           R"({"argv":"x"})", R"({"shell":1})", R"({"shell":"x","cost":0})",
                           R"({"shell":"x","cost":1.5})", R"({"shell":"x","cost":"1"})",
                           R"({"shell":"x","retries":-1})", R"({"shell":"x","timeout":"soon"})",
                           R"({"shell":"x","cwd":""})", R"({"shell":"x","env":{"A=":"b"}})",
                           R"({"shell":"x","env":{"A":null}})", R"({"shell":"x","id":""})"}) {
    CAPTURE(line);
    CHECK_FALSE(defect(line).empty());
  }
}

TEST_CASE("a byte order mark is no part of the first object of a file") {
  const Job job = read_json("\xEF\xBB\xBF{\"shell\":\"x\"}");
  CHECK(job.defect.empty());
  CHECK(job.item == "{\"shell\":\"x\"}");
}

TEST_CASE("what is nested too deeply is refused, however deep it is") {
  for (const std::size_t depth : {1023U, 1024U, 500'000U}) {
    const std::string value = std::string(depth, '[') + std::string(depth, ']');
    const Job job = read_json("{\"v\":" + value + "}", with_template({"v"}));
    CHECK(job.defect == (depth == 1023 ? "" : "line 1, column 2: it is nested too deeply"));
  }
}

TEST_CASE("what is no JSON is refused wherever it stands") {
  for (const char* value :
       {"01",  "1.",      ".5",          "+1",     "-",        "1e",      "0x1",        "tru",
        "nul", "NaN",     "'a'",         "[1,]",   "[1 2]",    "{\"a\"}", "{\"a\":1,}", "{a:1}",
        "[",   "\"\\x\"", "\"\\ud800\"", "\"\t\"", "\"\xFF\"", "1 2",     "\"a\"b",     ""}) {
    CAPTURE(value);
    const std::string line = std::string("{\"v\":") + value + "}";
    CHECK_FALSE(read_json(line, with_template({"v"})).defect.empty());
    JsonRules lenient = with_template({});
    lenient.allow_unknown = true;
    CHECK_FALSE(read_json(line, lenient).defect.empty());
  }
}

TEST_CASE("a template that asks for no member of an object takes what is allowed only") {
  CHECK(read_json(R"({"cost":2})", with_template({})).cost == 2);
  CHECK_FALSE(read_json(R"({"x":2})", with_template({})).defect.empty());
  CHECK_FALSE(read_json(R"({"x":2})", with_template({"y"})).defect.empty());
  CHECK_FALSE(read_json(R"({"shell":"x"})", with_template({})).defect.empty());
}

TEST_CASE("items are given in batches, and the last one may be shorter") {
  BatchSource source(lines({"a", "b", "c", "d", "e"}), 2);
  CHECK(source.total() == 3U);
  Job job;
  REQUIRE(source.next(job) == Source::Read::item);
  CHECK(parts(job) == Words{"a", "b"});
  CHECK(job.item == "a b");
  CHECK(job.line == 1);
  CHECK(source.rest().items == 2);
  const std::vector<Job> rest = all(source);
  REQUIRE(rest.size() == 2);
  CHECK(parts(rest[0]) == Words{"c", "d"});
  CHECK(parts(rest[1]) == Words{"e"});
  CHECK(rest[1].line == 5);
  CHECK(source.total() == 3U);
}

TEST_CASE("a batch ends early where its arguments are large") {
  const std::string large(50'000, 'x');
  BatchSource source(lines({large, large, large, std::string(200'000, 'y'), "z"}), 10);
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 4);
  CHECK(jobs[0].parts.size() == 2);
  CHECK(jobs[1].parts.size() == 1);
  CHECK(jobs[2].parts[0].size() == 200'000);
  CHECK(jobs[3].parts[0] == "z");
  CHECK(source.total() == 4U);
}

TEST_CASE("an item that cannot be run is in no batch") {
  auto rows = std::make_unique<RowSource>(lines({"a", "\"b", "c", "d"}), ',', 0);
  BatchSource source(std::move(rows), 2);
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].item == "a");
  CHECK_FALSE(jobs[1].defect.empty());
  CHECK(jobs[2].item == "c d");
}

TEST_CASE("a shuffle loses nothing, and its seed says the order") {
  Words items;
  for (int i = 0; i < 100; ++i) items.push_back("item " + std::to_string(i));
  const auto shuffled = [&](std::uint64_t seed) {
    ShuffledSource source(lines(items), seed);
    Words order;
    for (const Job& job : all(source)) {
      CHECK(job.item == items.at(job.line - 1));
      order.push_back(job.item);
    }
    return order;
  };
  Words order = shuffled(1);
  CHECK(order != items);
  CHECK(order == shuffled(1));
  CHECK(order != shuffled(2));
  std::sort(order.begin(), order.end());
  std::sort(items.begin(), items.end());
  CHECK(order == items);
}

TEST_CASE("lists are combined, the last one moving fastest, and linked ones together") {
  const auto items = [](std::vector<ItemList> lists) {
    ListSource source(std::move(lists));
    const auto total = source.total();
    Words given;
    for (const Job& job : all(source)) given.push_back(job.item);
    CHECK(total == given.size());
    return given;
  };
  CHECK(items({{{"a", "b"}}, {{"1", "2"}}}) == Words{"a 1", "a 2", "b 1", "b 2"});
  CHECK(items({{{"a", "b"}}, {{"x", "y"}, true}, {{"1", "2"}}}) ==
        Words{"a x 1", "a x 2", "b y 1", "b y 2"});
  CHECK(items({{{"a", "b"}}, {{"1", "2"}}, {{"x", "y"}, true}}) ==
        Words{"a 1 x", "a 2 y", "b 1 x", "b 2 y"});
  CHECK(items({{{"a", "b"}}, {{}}}).empty());
  CHECK_THROWS_AS(ListSource({{{"a", "b"}}, {{"1"}, true}}), Error);
}
