// Items from files, pipes and the command line.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/core/error.h"
#include "lib/engine/input/list_source.h"
#include "lib/engine/input/stream_source.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

/// A file that goes away again.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "items.XXXXXX").string();
    ::close(::mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A pipe as a file that can be opened by name.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_, O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(ends_[0]); }
  void write(const std::string& bytes) const {
    REQUIRE(::write(ends_[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void close() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2]{};
};

StreamSettings from(std::vector<std::string> files) {
  StreamSettings s;
  s.files = std::move(files);
  return s;
}

std::vector<Job> all(Source& source) {
  std::vector<Job> jobs;
  for (Job job;;) {
    const Source::Read read = source.next(job);
    if (read == Source::Read::end || read == Source::Read::wait) return jobs;
    if (read == Source::Read::item) jobs.push_back(job);
  }
}

std::vector<std::string> items(Source& source) {
  std::vector<std::string> result;
  for (const Job& job : all(source)) result.push_back(job.item);
  return result;
}

using Items = std::vector<std::string>;

}  // namespace

TEST_CASE("lines are items; empty ones are skipped and a last one needs no newline") {
  const TemporaryFile file("a\n\nb c\n\n\nlast");
  StreamSource source(from({file.path()}));
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[1].item == "b c");
  CHECK(jobs[1].line == 3);
  CHECK(jobs[2].item == "last");
  CHECK(jobs[2].line == 6);
}

TEST_CASE("bytes pass as they are") {
  const std::string hostile = "\xFF\x1B[31m $(id) 'q' \"d\" -rf \r";
  const TemporaryFile file(hostile + "\n");
  StreamSource source(from({file.path()}));
  CHECK(items(source) == Items{hostile});
}

TEST_CASE("with a NUL as delimiter items may hold newlines and may be empty") {
  const TemporaryFile file(std::string("a\nb\0\0c\0", 7));
  StreamSettings settings = from({file.path()});
  settings.delimiter = '\0';
  settings.keep_empty = true;
  StreamSource source(settings);
  CHECK(items(source) == Items{"a\nb", "", "c"});
}

TEST_CASE("a NUL in a line makes that item unusable, and only that one") {
  const TemporaryFile file(std::string("a\nb\0c\nd\n", 8));
  StreamSource source(from({file.path()}));
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].defect.empty());
  CHECK(jobs[1].defect.find("NUL") != std::string::npos);
  CHECK(jobs[1].line == 2);
  CHECK(jobs[2].item == "d");
  CHECK(jobs[2].defect.empty());
}

TEST_CASE("an item over the limit is unusable, and only that one") {
  const TemporaryFile file("ok\n" + std::string(300'000, 'x') + "\nfine\n");
  StreamSettings settings = from({file.path()});
  settings.max_item = 1000;
  StreamSource source(settings);
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[1].defect == "an item of 300000 bytes is over --max-line (1000)");
  CHECK(jobs[1].item.empty());
  CHECK(jobs[2].item == "fine");
}

TEST_CASE("an item of exactly the limit is usable") {
  const TemporaryFile file(std::string(1000, 'x') + "\n");
  StreamSettings settings = from({file.path()});
  settings.max_item = 1000;
  StreamSource source(settings);
  CHECK(all(source).at(0).defect.empty());
}

TEST_CASE("files follow one another; the end of one ends its last item, and lines count anew") {
  const TemporaryFile one("a\nb");
  const TemporaryFile none("");
  const TemporaryFile two("c\n");
  StreamSource source(from({one.path(), none.path(), two.path()}));
  const std::vector<Job> jobs = all(source);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[1].item == "b");
  CHECK(jobs[2].item == "c");
  CHECK(jobs[2].line == 1);
}

TEST_CASE("regular files are counted on the side") {
  const TemporaryFile one("a\n\nb");
  const TemporaryFile two("c\n\n");
  StreamSource source(from({one.path(), two.path()}));
  CHECK_FALSE(source.total());
  while (source.count_some()) {
  }
  CHECK(source.total() == 3U);
  Job job;
  while (source.next(job) == Source::Read::more) {
  }
  CHECK(source.total() == 3U);
  CHECK(source.rest().items == 2);
}

TEST_CASE("a file that grows while it is read gives all its items, and the count follows") {
  const TemporaryFile file("1\n2\n");
  StreamSource source(from({file.path()}));
  while (source.count_some()) {
  }
  CHECK(source.total() == 2U);
  std::ofstream(file.path(), std::ios::app) << "3\n4\n";
  CHECK(all(source).size() == 4);
  CHECK(source.total() == 4U);
  CHECK(source.rest().items == 0);
}

TEST_CASE("an item without end is read a piece at a time, for others to have their turn") {
  boost::asio::io_context io;
  Watch watch(io);
  StreamSource source(from({"/dev/zero"}));
  source.attach(watch);
  Job job;
  for (int i = 0; i < 100; ++i) CHECK(source.next(job) == Source::Read::more);
}

TEST_CASE("an item from a pipe is there as soon as its line is, and the total once the end is") {
  Pipe pipe;
  boost::asio::io_context io;
  Watch watch(io);
  StreamSource source(from({pipe.path()}));
  source.attach(watch);
  Job job;
  CHECK(source.next(job) == Source::Read::wait);
  pipe.write("first\nsec");
  io.run_one();
  REQUIRE(source.next(job) == Source::Read::item);
  CHECK(job.item == "first");
  CHECK(source.next(job) == Source::Read::wait);
  pipe.write("ond\nthird");
  io.run_one();
  REQUIRE(source.next(job) == Source::Read::item);
  CHECK(job.item == "second");
  CHECK_FALSE(source.total());
  CHECK_FALSE(source.rest().complete);
  pipe.close();
  io.run_one();
  CHECK(source.total() == 3U);
  REQUIRE(source.next(job) == Source::Read::item);
  CHECK(job.item == "third");
  CHECK(source.next(job) == Source::Read::end);
}

TEST_CASE("a pipe is read ahead no further than allowed: the rest stays in it") {
  Pipe pipe;
  StreamSettings settings = from({pipe.path()});
  settings.read_ahead = 1000;
  boost::asio::io_context io;
  Watch watch(io);
  StreamSource source(settings);
  source.attach(watch);
  pipe.write(std::string(500, 'a') + "\n" + std::string(600, 'b') + "\n");
  io.run_one();
  pipe.write("later\n");
  io.poll();
  CHECK(source.rest().items == 2);
  Job job;
  REQUIRE(source.next(job) == Source::Read::item);
  REQUIRE(source.next(job) == Source::Read::item);
  io.run_one();
  CHECK(source.rest().items == 1);
}

TEST_CASE("what cannot be read is named before anything runs") {
  CHECK_THROWS_AS(StreamSource(from({"/nonexistent/list"})), Error);
  CHECK_THROWS_WITH(StreamSource(from({"/nonexistent/list"})),
                    "cannot read /nonexistent/list: No such file or directory");
  CHECK_THROWS_WITH(StreamSource(from({"/"})), "cannot read /: Is a directory");
}

TEST_CASE("a list gives its items in order and knows their number") {
  ListSource source({{{"a", "", "c"}}});
  CHECK(source.total() == 3U);
  CHECK(items(source) == Items{"a", "", "c"});
  CHECK(source.rest().items == 0);
}
