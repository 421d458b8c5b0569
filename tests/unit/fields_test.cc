// What {N} and {name} stand for.
#include "lib/engine/fields.h"

#include "lib/core/error.h"
#include "lib/engine/template.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Words = std::vector<std::string>;

/// What `words` become for an item of these parts.
Words expand(Fields fields, const Words& words, const Words& parts) {
  const Template command = Template::command(words, "{}", fields);
  Job job;
  job.id = JobId{7};
  for (const std::string& part : parts) {
    job.item += (job.item.empty() ? "" : " ") + part;
    job.parts.add(part);
  }
  std::vector<std::string> argv;
  const std::string problem = command.expand(job, 1, argv);
  return problem.empty() ? argv : Words{"PROBLEM", problem};
}

}  // namespace

TEST_CASE("columns stand for themselves, and for parts of themselves") {
  CHECK(expand(Fields::columns(), {"e", "{2}", "x{1}y", "{1/}", "{1.}", "{1//}", "{1/.}"},
               {"d/a.c", "b b"}) == Words{"e", "b b", "xd/a.cy", "a.c", "d/a", "d", "a"});
}

TEST_CASE("a column that the row does not have is a fault of the row") {
  CHECK(expand(Fields::columns(), {"e", "{3}"}, {"a", "b"}) ==
        Words{"PROBLEM", "there is no column 3 in it, only 2"});
}

TEST_CASE("columns have the names of the header") {
  const Fields fields = Fields::header({"name", "First Name", "2"});
  CHECK(expand(fields, {"e", "{First Name}", "{name}", "{2}", "{name.}"}, {"a.b", "c", "d"}) ==
        Words{"e", "c", "a.b", "d", "a"});
}

TEST_CASE("a name that the header lacks, or has twice, is refused; code is not") {
  CHECK_THROWS_WITH(expand(Fields::header({"a", "b"}), {"e", "{c}"}, {}),
                    "{c}: the header names no such column; it has a, b");
  CHECK_THROWS_WITH(expand(Fields::header({"a", "b"}), {"e", "{3}"}, {}),
                    "{3}: there are 2 columns");
  CHECK_THROWS_AS(expand(Fields::header({"a", "a"}), {"e", "{a}"}, {}), Error);
  CHECK(expand(Fields::header({"a"}), {"awk", "{print $1}", "{\"k\":1}", "{a}"}, {"x"}) ==
        Words{"awk", "{print $1}", "{\"k\":1}", "x"});
}

TEST_CASE("several lists have numbers, and {} alone is a word for each value") {
  CHECK(expand(Fields::lists(2), {"e", "{}", "{2}-{1}", "<{}>"}, {"a b", "c"}) ==
        Words{"e", "a b", "c", "c-a b", "<a b c>"});
  CHECK(expand(Fields::lists(2), {"e"}, {"a b", "c"}) == Words{"e", "a b", "c"});
  CHECK_THROWS_WITH(expand(Fields::lists(2), {"e", "{3}"}, {}), "{3}: there are 2 lists of items");
  CHECK_THROWS_AS(expand(Fields::lists(2), {"e", "{0}"}, {}), Error);
}

TEST_CASE("a batch has no numbers, and what is made of {} is made of each") {
  CHECK(expand(Fields::batch(), {"e", "{/.}", "{1}", "-{/}"}, {"d/a.c", "b.d"}) ==
        Words{"e", "a", "b", "{1}", "-a.c b.d"});
}

TEST_CASE("members are collected in the order of asking") {
  Fields fields = Fields::members();
  const Template command = Template::command({"e", "{b}{a}{b}", "{1}", "{x y}"}, "{}", fields);
  CHECK(fields.names() == Words{"b", "a"});
}
