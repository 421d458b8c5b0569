// What hooks are given of a job.
#include "lib/engine/hook_launcher.h"

#include "lib/engine/template.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

using Words = std::vector<std::string>;

Job job(std::string item) {
  Job made;
  made.item = std::move(item);
  return made;
}

}  // namespace

TEST_CASE("a hook's arguments are the fields of the item, or the item where it has none") {
  CHECK(fields_of(job("a b")) == Words{"a b"});
  CHECK(fields_of(job("")) == Words{""});
  Job row = job("a,,c");
  for (const char* column : {"a", "", "c"}) row.parts.add(column);
  CHECK(fields_of(row) == Words{"a", "", "c"});
}

TEST_CASE("where a field cannot be an argument a hook has none") {
  CHECK(fields_of(job(std::string(largest_argument, 'x'))).size() == 1);
  CHECK(fields_of(job(std::string(largest_argument + 1, 'x'))).empty());
  CHECK(fields_of(job(std::string("a\0b", 3))).empty());
  Job row = job("a,b");
  row.parts.add("a");
  row.parts.add(std::string(largest_argument + 1, 'x'));
  CHECK(fields_of(row).empty());
  Job unusable = job("a");
  unusable.defect = "line 1 is too long";
  CHECK(fields_of(unusable).empty());
}
