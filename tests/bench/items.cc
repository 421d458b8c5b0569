// How fast items are read: takes each from the sources that a run reads them from, drops it, and
// prints rows and bytes a second, the processor time of a row, which does not depend on who else is
// busy, and the height of the memory.
//
//   items lines|csv|header|members|argv FILE     FILE: - is standard input; header: CSV with one;
//                                                members: JSON lines for {name} and {url} in a
//                                                template
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <string_view>

#include "lib/core/error.h"
#include "lib/engine/input/header_source.h"
#include "lib/engine/input/json_source.h"
#include "lib/engine/input/row_source.h"
#include "lib/engine/input/stream_source.h"

using namespace gentlify;

namespace {

std::unique_ptr<Source> open(std::string_view form, const char* file) {
  const bool table = form == "csv" || form == "header";
  StreamSettings settings;
  settings.files = {file};
  settings.keep_empty = table;
  if (table) settings.separator = ',';
  std::unique_ptr<Source> source = std::make_unique<StreamSource>(settings);
  std::size_t columns = 0;
  if (form == "header") {
    auto header = std::make_unique<HeaderSource>(std::move(source), ',');
    columns = header->names().size();
    source = std::move(header);
  }
  if (table) return std::make_unique<RowSource>(std::move(source), ',', columns);
  if (form == "lines") return source;
  JsonRules rules;
  rules.has_template = form == "members";
  if (rules.has_template) rules.members = {"name", "url"};
  rules.allow_unknown = true;
  rules.parse_duration = [](std::string_view) { return std::chrono::seconds(1); };
  return std::make_unique<JsonSource>(std::move(source), rules);
}

struct Count {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bad = 0;
};

Count read_all(Source& source) {
  Count count;
  for (;;) {
    Job job;
    switch (source.next(job)) {
      case Source::Read::item:
        ++count.rows;
        count.bytes += job.item.size() + 1;
        if (!job.defect.empty()) ++count.bad;
        break;
      case Source::Read::more: break;
      case Source::Read::wait: source.wait(Duration::max()); break;
      case Source::Read::end: return count;
    }
  }
}

double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fputs("usage: items lines|csv|header|members|argv FILE\n", stderr);
    return 64;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto source = open(argv[1], argv[2]);
  const Count count = read_all(*source);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto rows = static_cast<double>(count.rows);
  std::printf("%10.0f rows/s %8.1f MB/s %6.3f us %6.1f MiB\n", rows / taken.count(),
              static_cast<double>(count.bytes) / taken.count() / 1e6,
              (microseconds(usage.ru_utime) + microseconds(usage.ru_stime)) / rows,
              static_cast<double>(usage.ru_maxrss) / 1024);
  return count.bad == 0 ? 0 : 65;
} catch (const std::exception& error) {
  std::fprintf(stderr, "items: %s\n", error.what());
  return 70;
}
