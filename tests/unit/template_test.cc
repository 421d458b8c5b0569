// From an item to an argv.
#include "lib/engine/template.h"

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

Template command(const std::vector<std::string>& words, const std::string& item_mark) {
  Fields none;
  return Template::command(words, item_mark, none);
}

std::vector<std::string> expand(const Template& t, const std::string& item, int slot = 1) {
  Job job;
  job.id = JobId{7};
  job.item = item;
  std::vector<std::string> argv;
  REQUIRE(t.expand(job, slot, argv).empty());
  return argv;
}

std::string one(const std::string& word, const std::string& item) {
  return expand(command({"cmd", word}, "{}"), item).at(1);
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("with no placeholder the item is appended as one argument") {
  CHECK(expand(command({"ls", "-l"}, "{}"), "a b $(id)") == Words{"ls", "-l", "a b $(id)"});
}

TEST_CASE("a placeholder is replaced inside its argument, as often as it stands there") {
  CHECK(expand(command({"cp", "{}", "x/{}.bak-{}"}, "{}"), "a b") ==
        Words{"cp", "a b", "x/a b.bak-a b"});
}

TEST_CASE("the item's bytes are never read again for placeholders") {
  CHECK(one("{}", "{#}{.}{}") == "{#}{.}{}");
}

TEST_CASE("placeholders for the parts of a path") {
  CHECK(one("{.}", "dir/photo.tar.gz") == "dir/photo.tar");
  CHECK(one("{/}", "dir/photo.jpg") == "photo.jpg");
  CHECK(one("{//}", "dir/sub/photo.jpg") == "dir/sub");
  CHECK(one("{/.}", "dir/photo.jpg") == "photo");
}

TEST_CASE("parts of paths that have no such part") {
  CHECK(one("{.}", "dir.d/name") == "dir.d/name");
  CHECK(one("{.}", ".bashrc") == ".bashrc");
  CHECK(one("{/.}", "a/.bashrc") == ".bashrc");
  CHECK(one("{//}", "name") == ".");
  CHECK(one("{//}", "/name") == "/");
  CHECK(one("{/}", "dir/") == "dir");
  CHECK(one("{/}", "/") == "/");
  CHECK(one("{//}", "a//b") == "a");
  CHECK(one("{}x", "") == "x");
}

TEST_CASE("sequence number and slot") {
  CHECK(expand(command({"e", "{#}-{%}-{}"}, "{}"), "i", 3).at(1) == "7-3-i");
}

TEST_CASE("-I renames {} and leaves the others") {
  CHECK(expand(command({"e", "@ {} {#}"}, "@"), "i").at(1) == "i {} 7");
}

TEST_CASE("unknown braces are literal") {
  CHECK(expand(command({"e", "{x}{1}", "{}"}, "{}"), "i") == Words{"e", "{x}{1}", "i"});
}

TEST_CASE("without a command the item is a command line for the shell, whatever it begins with") {
  CHECK(expand(Template::shell("/bin/sh"), "-rf; echo") ==
        Words{"/bin/sh", "-c", "--", "-rf; echo"});
}

TEST_CASE("an argument over the system's limit is refused with the reason") {
  const Template t = command({"e", "x{}"}, "{}");
  Job job;
  std::vector<std::string> argv;
  job.item.assign(largest_argument - 1, 'a');
  CHECK(t.expand(job, 1, argv).empty());
  job.item += 'a';
  CHECK(t.expand(job, 1, argv) ==
        "an argument of 131072 bytes is over the system's limit of 131071");
}

TEST_CASE("the program is known beforehand only where no placeholder stands in it") {
  CHECK(command({"ls", "{}"}, "{}").fixed_program() == "ls");
  CHECK(command({"./{}.sh"}, "{}").fixed_program() == std::nullopt);
  CHECK(command({"", "{}"}, "{}").fixed_program() == "");
}

TEST_CASE("a job is shown as one would type it") {
  Job job;
  job.item = "a b";
  CHECK(command({"rm", "-f"}, "{}").describe(job) == "rm -f 'a b'");
  CHECK(Template::shell("/bin/sh").describe(job) == "a b");
}
