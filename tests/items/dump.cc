// What the items of files are made of, with nothing lost on the way: for each file a line
// `file NAME`, and for each of its items `row HEX...` (`-`: empty), or `bad`.
//
//   dump_items csv|tsv|members|argv FILE...      members: JSON lines for {v} in a template; argv:
//                                                JSON lines that say what to run
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <string_view>

#include "lib/engine/input/json_source.h"
#include "lib/engine/input/row_source.h"
#include "lib/engine/input/stream_source.h"

using namespace gentlify;

namespace {

std::unique_ptr<Source> open(std::string_view form, const char* file) {
  StreamSettings settings;
  settings.files = {file};
  if (form == "csv" || form == "tsv") {
    settings.separator = form == "csv" ? ',' : '\t';
    settings.keep_empty = true;
    return std::make_unique<RowSource>(std::make_unique<StreamSource>(settings),
                                       *settings.separator, 0);
  }
  JsonRules rules;
  rules.has_template = form == "members";
  if (rules.has_template) rules.members = {"v"};
  rules.allow_unknown = true;
  rules.parse_duration = [](std::string_view) { return std::nullopt; };
  return std::make_unique<JsonSource>(std::make_unique<StreamSource>(settings), rules);
}

void print(std::string_view word) {
  fmt::print(" {}", word.empty() ? "-" : "");
  for (const char c : word) fmt::print("{:02x}", static_cast<unsigned char>(c));
}

void print(const Job& job) {
  if (!job.defect.empty()) {
    fmt::print("bad\n");
    return;
  }
  fmt::print("row");
  for (std::size_t i = 0; i < job.parts.size(); ++i) print(job.parts[i]);
  if (job.own) {
    for (const std::string& word : job.own->argv) print(word);
  }
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) try {
  for (int i = 2; i < argc; ++i) {
    fmt::print("file {}\n", argv[i]);
    const auto source = open(argv[1], argv[i]);
    for (;;) {
      Job job;
      const Source::Read read = source->next(job);
      if (read == Source::Read::end) break;
      if (read == Source::Read::item) print(job);
    }
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "dump_items: {}\n", error.what());
  return 70;
}
