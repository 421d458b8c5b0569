// Records, written and read back.
#include "lib/record/journal_record.h"

#include "lib/record/journal_line.h"
#include "lib/record/journal_text.h"
#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

std::optional<Record> parse(std::string line) {
  static RecordParser parser;
  const std::size_t size = line.size();
  line.append(RecordParser::padding, '\0');
  return parser.parse(std::string_view(line).substr(0, size));
}

/// The record on the only line of the text.
template <typename T>
T written(JournalText& text) {
  std::string line = text.pending();
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  REQUIRE(line.find('\n') == std::string::npos);
  REQUIRE(is_sealed(line));
  const std::optional<Record> record = parse(line);
  REQUIRE(record);
  REQUIRE(std::holds_alternative<T>(*record));
  return std::get<T>(*record);
}

/// `line` with `what` replaced.
std::string with(std::string line, std::string_view what, std::string_view by) {
  const std::size_t at = line.find(what);
  REQUIRE(at != std::string::npos);
  return line.replace(at, what.size(), by);
}

Job some_job() {
  Job job;
  job.id = JobId{12};
  job.attempts = 2;
  job.earlier_attempts = 3;
  job.failures = 1;
  job.overloads = 4;
  job.identity = {1, 2};
  job.key = {3, 4};
  return job;
}

const std::string head_line =
    R"({"t":"head","format":1,"run":"0000000000000001","session":2,"identity":"number",)"
    R"("command":"0000000000000002","mode":"0000000000000003","cwd":"0000000000000004"})";
const std::string block_line =
    R"({"t":"block","first":1025,"items":1024,"hash":"0000000000000001"})";
const std::string start_line =
    R"({"t":"start","seq":1,"try":1,"job":"00000000000000010000000000000002"})";
const std::string end_line =
    R"({"t":"end","seq":1,"try":1,"outcome":"success","fate":"done","failures":0,"overloads":0})";

}  // namespace

TEST_CASE("a head is read as it was written") {
  JournalText text(plain_text(), Known::by_number);
  record::Head head{1, 2, Known::by_content, 3, 4, ~std::uint64_t{0}, {}};
  head.seed = GENERATE(std::optional<std::uint64_t>(), std::optional<std::uint64_t>(5));
  text.head(head, {"1.0", {{"team", "a\"b"}}, {{"url", "http://u:secret@h/"}}});
  CHECK(text.pending().find("secret") == std::string::npos);
  const auto read = written<record::Head>(text);
  CHECK(read.run == 1);
  CHECK(read.session == 2);
  CHECK(read.known == Known::by_content);
  CHECK(read.command == 3);
  CHECK(read.mode == 4);
  CHECK(read.directory == ~std::uint64_t{0});
  CHECK(read.seed == head.seed);
}

TEST_CASE("a block is read as it was written") {
  JournalText text(plain_text(), Known::by_number);
  const bool last = GENERATE(true, false);
  text.block({1025, last ? 7U : block_size, 9, last});
  const auto read = written<record::Block>(text);
  CHECK(read.first == 1025);
  CHECK(read.items == (last ? 7 : block_size));
  CHECK(read.hash == 9);
  CHECK(read.last == last);
}

TEST_CASE("a start is read as it was written; it has the key where jobs are known by content") {
  const Known known = GENERATE(Known::by_number, Known::by_content);
  const bool again = GENERATE(true, false);
  JournalText text(plain_text(), known);
  Job job = some_job();
  job.failed_before = again;
  text.event(event::Started{job, 7, 1}, at(1s));
  const auto read = written<record::Start>(text);
  CHECK(read.seq == 12);
  CHECK(read.attempt == 5);
  CHECK(read.job == job.identity);
  CHECK(read.failed_before == again);
  CHECK(read.key == (known == Known::by_content ? std::optional(job.key) : std::nullopt));
}

TEST_CASE("an end is read as it was written") {
  const Verdict verdict = GENERATE(Verdict::success, Verdict::failure, Verdict::overload,
                                   Verdict::permanent, Verdict::stopped);
  const Fate fate = GENERATE(Fate::done, Fate::failed, Fate::retry, Fate::fallback, Fate::not_done);
  JournalText text(plain_text(), Known::by_number);
  const Job job = some_job();
  const Outcome outcome{verdict, {Exit::Kind::signal, 9}, "why\n\xFF", "last \"line\""};
  text.event(event::Ended{job, outcome, 1s, fate, 0}, at(1s));
  const auto read = written<record::End>(text);
  CHECK(read.seq == 12);
  CHECK(read.attempt == (verdict == Verdict::stopped ? 6 : 5));
  CHECK(read.verdict == verdict);
  CHECK(read.fate == fate);
  CHECK(read.failures == 1);
  CHECK(read.overloads == 4);
  CHECK_FALSE(read.job);
}

TEST_CASE("a job that was settled without an attempt ends as one, and is named as by a start") {
  const Known known = GENERATE(Known::by_number, Known::by_content);
  const bool again = GENERATE(true, false);
  JournalText text(plain_text(), known);
  Job job = some_job();
  job.failed_before = again;
  const Outcome outcome{Verdict::permanent, {}, "too long", {}};
  text.event(event::Ended{job, outcome, {}, Fate::failed, 0, false}, at(1s));
  const auto read = written<record::End>(text);
  CHECK(read.attempt == 0);
  CHECK(read.fate == Fate::failed);
  CHECK(read.job == job.identity);
  CHECK(read.failed_before == again);
  CHECK(read.key == (known == Known::by_content ? std::optional(job.key) : std::nullopt));
}

TEST_CASE("what says nothing of jobs is passed over, and a dropped job is not told of") {
  const Job job;
  const Outcome outcome;
  const Event event = GENERATE_REF(
      Event(event::Adjusted{event::Adjusted::Kind::cut, 4, 2, 1s, 2s, job, outcome}),
      Event(event::Starved{job, 11, 3}), Event(event::Paused{true, never}),
      Event(event::Paused{false, {}}), Event(event::CircuitMoved{true, false, at(5s), 3}),
      Event(event::JobsBlamed{true}), Event(event::Draining{2}),
      Event(event::Stopping{2, 1s, false}));
  JournalText text(plain_text(), Known::by_number);
  text.event(event, at(1s));
  written<record::Other>(text);
  text.pending().clear();
  text.close(3);
  written<record::Other>(text);
  text.pending().clear();
  text.event(event::Dropped{job}, at(1s));
  CHECK(text.pending().empty());
}

TEST_CASE("commands are told only where they are asked for, and last lines where they are wanted") {
  JournalText::Settings settings = plain_text();
  const bool wanted = GENERATE(true, false);
  settings.last_lines = wanted;
  if (wanted) settings.command_of = [](const Job&) { return "curl http://me:secret@host/ x"; };
  JournalText text(settings, Known::by_number);
  const Job job = some_job();
  text.event(event::Started{job, 1, 1}, at(1s));
  const Outcome outcome{Verdict::failure, {}, "why", "ftp://me:secret@host"};
  text.event(event::Ended{job, outcome, 1s, Fate::failed, 0}, at(1s));
  CHECK((text.pending().find("curl http://me:***@host/ x") != std::string::npos) == wanted);
  CHECK((text.pending().find("ftp://me:***@host") != std::string::npos) == wanted);
  CHECK(text.pending().find("secret") == std::string::npos);
}

TEST_CASE("the lines that the next cases spoil are good") {
  for (const std::string& line : {head_line, block_line, start_line, end_line}) CHECK(parse(line));
  CHECK(parse(R"({"t":"anything"})"));
}

TEST_CASE("a record of another format is none of ours") {
  for (const std::string_view format : {"0", "2", "-1", "1.5", "\"1\"", "true", "4294967297"}) {
    CHECK_FALSE(parse(with(head_line, "\"format\":1", "\"format\":" + std::string(format))));
  }
  CHECK_FALSE(parse(with(head_line, "\"format\":1,", "")));
  CHECK_FALSE(parse(with(head_line, "\"number\"", "\"name\"")));
  CHECK_FALSE(parse(with(head_line, "\"cwd\":", "\"directory\":")));
}

TEST_CASE("members of another type are refused") {
  const auto [line, member] = GENERATE(table<std::string, std::string>({
      {head_line, "\"0000000000000001\""},
      {head_line, "2"},
      {head_line, "\"number\""},
      {block_line, "1025"},
      {block_line, "\"0000000000000001\""},
      {start_line, "1"},
      {start_line, "\"00000000000000010000000000000002\""},
      {end_line, "\"success\""},
      {end_line, "\"done\""},
      {end_line, "0"},
  }));
  for (const std::string_view other : {"null", "[]", "{}", "true", "\"x\"", "-1", "1.5", "1e3"}) {
    CHECK_FALSE(parse(with(line, member, other)));
  }
}

TEST_CASE("members that may be absent are refused where they are something else") {
  for (const std::string_view wrong : {"null", "1", "\"\"", "[]"}) {
    const std::string value(wrong);
    CHECK_FALSE(parse(with(head_line, "\"mode\"", "\"seed\":" + value + ",\"mode\"")));
    CHECK_FALSE(parse(with(block_line, "\"hash\"", "\"last\":" + value + ",\"hash\"")));
    CHECK_FALSE(parse(with(start_line, "\"job\"", "\"again\":" + value + ",\"job\"")));
    CHECK_FALSE(parse(with(start_line, "\"job\"", "\"key\":" + value + ",\"job\"")));
    CHECK_FALSE(parse(with(end_line, "\"fate\"", "\"job\":" + value + ",\"fate\"")));
  }
}

TEST_CASE("numbers that are out of range are refused") {
  CHECK_FALSE(parse(with(start_line, "\"seq\":1", "\"seq\":0")));
  CHECK_FALSE(parse(with(start_line, "\"seq\":1", "\"seq\":18446744073709551616")));
  CHECK_FALSE(parse(with(start_line, "\"try\":1", "\"try\":0")));
  CHECK_FALSE(parse(with(start_line, "\"try\":1", "\"try\":2147483648")));
  CHECK(parse(with(start_line, "\"try\":1", "\"try\":2147483647")));
  CHECK_FALSE(parse(with(end_line, "\"seq\":1", "\"seq\":0")));
  CHECK(parse(with(end_line, "\"try\":1", "\"try\":0")));
  CHECK_FALSE(parse(with(end_line, "\"failures\":0", "\"failures\":2147483648")));
  CHECK_FALSE(parse(with(block_line, "1025", "1024")));
  CHECK_FALSE(parse(with(block_line, "1025", "0")));
  CHECK_FALSE(parse(with(block_line, "1024", "1025")));
  CHECK_FALSE(parse(with(block_line, "1024", "1023")));
  CHECK(parse(with(block_line, "1024", "1023,\"last\":true")));
  CHECK_FALSE(parse(with(block_line, "1024", "4294968320")));
}

TEST_CASE("what is no object with a type is no record") {
  for (const std::string_view line :
       {"", "{", "{}", "[]", "null", "1", R"({"t":1})", R"({"T":"end"})", R"(["t"])",
        R"({"t":"end")", "{\"t\":\"end\xFF\"}"}) {
    CHECK_FALSE(parse(std::string(line)));
  }
}
