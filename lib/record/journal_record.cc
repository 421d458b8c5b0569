#include "lib/record/journal_record.h"

#include <simdjson.h>

#include <limits>

namespace gentlify {

namespace {

namespace json = simdjson::ondemand;

/// The members of an object; the first that is not there, or not what it should be, spoils all.
/// Then the object is let alone: after an error in what it is written in, it must not be asked any
/// more.
class Members {
 public:
  explicit Members(json::object object) : object_(object) {}

  bool good() const { return good_; }

  template <typename T>
  T number(std::string_view name) {
    std::uint64_t value = 0;
    if (!good_ || object_[name].get_uint64().get(value) != simdjson::SUCCESS ||
        value > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      good_ = false;
      return T{};
    }
    return static_cast<T>(value);
  }

  bool flag(std::string_view name) {
    bool value = false;
    if (!good_) return value;
    const auto error = object_[name].get_bool().get(value);
    if (error != simdjson::SUCCESS && error != simdjson::NO_SUCH_FIELD) good_ = false;
    return value;
  }

  /// Nothing where it is not there.
  std::optional<std::string_view> text(std::string_view name) {
    std::string_view value;
    if (!good_) return {};
    const auto error = object_[name].get_string().get(value);
    if (error == simdjson::SUCCESS) return value;
    if (error != simdjson::NO_SUCH_FIELD) good_ = false;
    return {};
  }

  std::string_view needed(std::string_view name) {
    const auto value = text(name);
    if (!value) good_ = false;
    return value.value_or("");
  }

  std::uint64_t digest(std::string_view name) { return unwrap(parse_hex(needed(name))); }

  template <typename T>
  T unwrap(const std::optional<T>& value) {
    if (!value) good_ = false;
    return value.value_or(T{});
  }

 private:
  json::object object_;
  bool good_ = true;
};

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(std::string_view text, const Enum (&all)[N]) {
  for (const Enum value : all) {
    if (name(value) == text) return value;
  }
  return {};
}

record::Head head_of(Members& members) {
  constexpr int format = 1;
  record::Head head;
  if (members.number<int>("format") != format) members.unwrap(std::optional<int>());
  head.run = members.digest("run");
  head.session = members.number<int>("session");
  head.known =
      members.unwrap(find_name(members.needed("identity"), {Known::by_number, Known::by_content}));
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
  end.verdict = members.unwrap(
      find_name(members.needed("outcome"), {Verdict::success, Verdict::failure, Verdict::overload,
                                            Verdict::permanent, Verdict::stopped}));
  end.fate = members.unwrap(
      find_name(members.needed("fate"), {Fate::done, Fate::failed, Fate::retry, Fate::not_done}));
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
