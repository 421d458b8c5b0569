// JSON lines: what is read here is what simdjson's DOM reads, which shares no code with it but the
// search for brackets and quotes; and a bad line leaves no trace in the next one.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "lib/engine/input/json_source.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

namespace dom = simdjson::dom;

std::vector<Job> read_all(const std::vector<std::string_view>& lines, const JsonRules& rules) {
  JsonSource source(std::make_unique<fuzz::Lines>(lines), rules);
  std::vector<Job> jobs;
  for (;;) {
    Job job;
    if (source.next(job) == Source::Read::end) return jobs;
    jobs.push_back(std::move(job));
  }
}

/// Whether the line was refused for not being JSON, and not for what it says.
bool is_no_json(const std::string& defect) {
  constexpr std::array<std::string_view, 8> words = {
      "it is not UTF-8",
      "a string is not closed",
      "a control character in a string is not escaped",
      "a string holds a bad escape",
      "a number is not written as JSON has it",
      "it is nested too deeply",
      "this is no JSON",
      "after the object there is something more"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return defect.ends_with(word); });
}

/// Whether the line may hold a number that is too large for the DOM; we pass it as it is written.
bool may_hold_large_number(std::string_view line) {
  std::size_t digits = 0;
  for (const char c : line) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (c == 'e' || c == 'E' || digits > 18) return true;
  }
  return false;
}

void check_word(dom::element value, std::string_view word) {
  static dom::parser parser;
  std::string_view text;
  bool boolean = false;
  switch (value.type()) {
    case dom::element_type::STRING:
      require(value.get(text) == simdjson::SUCCESS && text == word, "a string is itself", word);
      return;
    case dom::element_type::BOOL:
      require(value.get(boolean) == simdjson::SUCCESS && word == (boolean ? "true" : "false"),
              "true and false are words", word);
      return;
    case dom::element_type::NULL_VALUE: require(word.empty(), "null is nothing", word); return;
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT:
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE: break;
  }
  dom::element same;
  require(parser.parse(simdjson::padded_string(word)).get(same) == simdjson::SUCCESS,
          "a value as it is written is JSON", word);
  require(simdjson::to_string(same) == simdjson::to_string(value), "a value is as written", word);
}

/// `line` asks for a job with the member "v".
void check(std::string_view line, const Job& job, bool has_template) {
  static dom::parser parser;  // to make one takes longer than to use it
  dom::object object;
  const simdjson::error_code error =
      parser.parse(simdjson::padded_string(line)).get_object().get(object);
  if (!job.defect.empty()) {
    require(error != simdjson::SUCCESS || !is_no_json(job.defect), job.defect, line);
    return;
  }
  if (error == simdjson::NUMBER_ERROR && may_hold_large_number(line)) return;
  if (error == simdjson::DEPTH_ERROR) return;  // it may be counted otherwise
  require(error == simdjson::SUCCESS, "what we take for an object is one", line);
  if (!has_template) return;
  bool found = false;
  dom::element last;
  for (const auto [name, value] : object) {
    if (name != "v") continue;
    last = value;
    found = true;
  }
  require(found && job.parts.size() == 1, "the member was there", line);
  check_word(last, job.parts[0]);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  std::vector<std::string_view> lines = fuzz::split(bytes, '\n');
  lines.emplace_back(R"({"v":"good","argv":["good"]})");
  for (const bool has_template : {true, false}) {
    JsonRules rules;
    rules.has_template = has_template;
    if (has_template) {
      rules.members = {"v"};
      lines.back() = R"({"v":"good"})";
    } else {
      lines.back() = R"({"argv":["good"]})";
    }
    rules.allow_unknown = true;
    rules.parse_duration = [](std::string_view) { return std::chrono::seconds(1); };
    const std::vector<Job> jobs = read_all(lines, rules);
    require(jobs.size() == lines.size(), "a job for each line");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!lines[i].starts_with("\xEF\xBB\xBF")) check(lines[i], jobs[i], has_template);
    }
    require(jobs.back().defect.empty(), jobs.back().defect);
    require(has_template || jobs.back().own->argv == std::vector<std::string>{"good"},
            "the last line is read as if it were alone");
  }
  return 0;
}
