#include "lib/record/journal_record.h"

#include <simdjson.h>

#include <limits>

#include "lib/record/journal_members.h"

namespace gentlify {

namespace {

namespace json = simdjson::ondemand;

record::Head head_of(Members& members) {
  constexpr int format = 1;
  record::Head head;
  if (members.number<int>("format") != format) members.unwrap(std::optional<int>());
  head.run = members.digest("run");
  head.session = members.number<int>("session");
  head.known = members.one_of<Known>("identity", ways_to_know);
  head.command = members.digest("command");
  head.mode = members.digest("mode");
  head.directory = members.digest("cwd");
  if (const auto seed = members.text("seed")) head.seed = members.unwrap(parse_hex(*seed));
  return head;
}

record::Block block_of(Members& members) {
  record::Block block;
  block.first = members.number<std::uint64_t>("first");
  block.items = members.number<std::uint32_t>("items");
  block.hash = members.digest("hash");
  block.last = members.flag("last");
  const bool short_one = block.items < block_size;
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - block_size;
  if (block.first % block_size != 1 || block.first > most || block.items > block_size ||
      (short_one && !block.last)) {
    members.unwrap(std::optional<int>());
  }
  return block;
}

record::Start start_of(Members& members) {
  record::Start start;
  start.seq = members.number<std::uint64_t>("seq");
  start.attempt = members.number<int>("try");
  start.job = members.unwrap(parse_identity(members.needed("job")));
  if (const auto key = members.text("key")) start.key = members.unwrap(parse_identity(*key));
  start.failed_before = members.flag("again");
  if (start.seq == 0 || start.attempt == 0) members.unwrap(std::optional<int>());
  return start;
}

record::End end_of(Members& members) {
  record::End end;
  end.seq = members.number<std::uint64_t>("seq");
  end.attempt = members.number<int>("try");
  end.verdict = members.one_of<Verdict>("outcome", verdicts);
  end.fate = members.one_of<Fate>("fate", fates);
  end.failures = members.number<int>("failures");
  end.overloads = members.number<int>("overloads");
  if (const auto job = members.text("job")) end.job = members.unwrap(parse_identity(*job));
  if (const auto key = members.text("key")) end.key = members.unwrap(parse_identity(*key));
  end.failed_before = members.flag("again");
  if (end.seq == 0) members.unwrap(std::optional<int>());
  return end;
}

std::optional<Record> record_of(std::string_view type, Members& members) {
  if (type == "head") return head_of(members);
  if (type == "block") return block_of(members);
  if (type == "start") return start_of(members);
  if (type == "end") return end_of(members);
  return record::Other{};
}

}  // namespace

std::string_view name(Known known) {
  switch (known) {
    case Known::by_number: return "number";
    case Known::by_content: return "content";
  }
  return {};
}

struct RecordParser::Parser {
  json::parser json;
};

RecordParser::RecordParser() : parser_(std::make_unique<Parser>()) {
  static_assert(padding >= simdjson::SIMDJSON_PADDING);
}
RecordParser::~RecordParser() = default;

std::optional<Record> RecordParser::parse(std::string_view line) {
  json::document document;
  json::object object;
  std::string_view type;
  const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + padding);
  if (parser_->json.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object["t"].get_string().get(type) != simdjson::SUCCESS) {
    return {};
  }
  Members members(object);
  std::optional<Record> record = record_of(type, members);
  return members.good() ? record : std::nullopt;
}

}  // namespace gentlify
