#include "lib/record/journal_details.h"

#include <simdjson.h>

#include <array>

#include "lib/record/journal_members.h"

namespace gentlify {

namespace {

namespace json = simdjson::ondemand;

constexpr std::array<Gate, gate_count> gates = [] {
  std::array<Gate, gate_count> all{};
  for (std::size_t i = 0; i < gate_count; ++i) all[i] = static_cast<Gate>(i);
  return all;
}();

// In all of these the members are asked for in the order in which they are written, which is
// quickest.

details::Head head_of(Members& members) {
  details::Head head;
  head.version = members.needed("version");
  head.run = members.needed("run");
  head.session = members.number<int>("session");
  head.known = members.one_of<Known>("identity", ways_to_know);
  head.at = members.time("at");
  const auto into = [](details::Pairs& pairs) {
    return [&pairs](std::string_view name, std::string_view value) {
      pairs.emplace_back(name, value);
    };
  };
  members.each("labels", into(head.labels));
  members.each("settings", into(head.settings));
  return head;
}

details::Block block_of(Members& members) {
  details::Block block;
  block.first = members.number<std::uint64_t>("first");
  block.items = members.number<std::uint32_t>("items");
  block.last = members.flag("last");
  return block;
}

details::Start start_of(Members& members) {
  details::Start start;
  start.seq = members.number<std::uint64_t>("seq");
  start.attempt = members.number<int>("try");
  start.slot = members.number<int>("slot");
  start.at = members.time("at");
  start.again = members.flag("again");
  return start;
}

std::optional<Exit> exit_of(Members& members) {
  if (const auto code = members.number_if_any("exit")) return Exit{Exit::Kind::code, *code};
  if (const auto signal = members.number_if_any("signal")) return Exit{Exit::Kind::signal, *signal};
  if (const auto error = members.number_if_any("errno")) return Exit{Exit::Kind::unstarted, *error};
  return {};
}

details::End end_of(Members& members) {
  details::End end;
  end.seq = members.number<std::uint64_t>("seq");
  end.attempt = members.number<int>("try");
  end.at = members.time("at");
  end.ran = members.time("ran");
  end.verdict = members.one_of<Verdict>("outcome", verdicts);
  end.fate = members.one_of<Fate>("fate", fates);
  if (end.attempt > 0) {
    end.exit = exit_of(members);
  } else {
    end.by_fallback = members.flag("by_fallback");
    end.again = members.flag("again");
  }
  end.reason = members.needed("reason");
  end.cost = members.number<std::uint64_t>("cost");
  end.wait = members.time("wait");
  end.gate = members.one_of<Gate>("gate", gates);
  end.last_line = members.text("last_line").value_or("");
  return end;
}

details::Record state_of(Members& members) {
  const Duration at = members.time("at");
  const std::string_view what = members.needed("what");
  if (what == "cut" || what == "step" || what == "ramp") {
    details::Adjusted moved{at, what == "cut"};
    moved.limit = members.number<int>("limit");
    moved.limit_before = members.number<int>("limit_before");
    moved.interval = members.time("interval");
    moved.interval_before = members.time("interval_before");
    return moved;
  }
  if (what == "starved") return details::Starved{at, members.number<std::uint64_t>("seq")};
  if (what == "pause") return details::Held{at, Gate::pause, members.flag("on")};
  if (what == "circuit") return details::Held{at, Gate::circuit, members.flag("open")};
  return details::Other{at};
}

details::Close close_of(Members& members) {
  details::Close close;
  close.at = members.time("at");
  close.exit = members.number<int>("exit");
  return close;
}

details::Record record_of(std::string_view type, Members& members) {
  if (type == "head") return head_of(members);
  if (type == "block") return block_of(members);
  if (type == "start") return start_of(members);
  if (type == "end") return end_of(members);
  if (type == "state") return state_of(members);
  if (type == "close") return close_of(members);
  return details::Other{};
}

}  // namespace

struct DetailsParser::Parser {
  json::parser json;
};

DetailsParser::DetailsParser() : parser_(std::make_unique<Parser>()) {}
DetailsParser::~DetailsParser() = default;

std::optional<details::Record> DetailsParser::parse(std::string_view line) {
  json::document document;
  json::object object;
  std::string_view type;
  const simdjson::padded_string_view padded(line.data(), line.size(),
                                            line.size() + RecordParser::padding);
  if (parser_->json.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object["t"].get_string().get(type) != simdjson::SUCCESS) {
    return {};
  }
  Members members(object);
  details::Record record = record_of(type, members);
  if (!members.good()) return {};
  return record;
}

}  // namespace gentlify
