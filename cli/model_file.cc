#include "cli/model_file.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/toml_table.h"
#include "cli/values.h"

namespace gentlify {

namespace {

using namespace std::chrono_literals;
using sim::Model;
using sim::Steps;

constexpr Duration shortest = 1us;
constexpr Duration longest = 24h * 365;
constexpr std::int64_t million = 1'000'000;

TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

/// Starts per second.
std::optional<double> rate_of(const toml::node& node) {
  const auto rate = parse_rate(text_of(node));
  if (!node.is_string() || !rate || rate->amount == 0) return {};
  return static_cast<double>(rate->amount) / seconds(rate->period);
}

std::optional<double> cap_of(const toml::node& node) {
  const auto* cap = node.as_integer();
  if (cap == nullptr || cap->get() < 1 || cap->get() > million) return {};
  return static_cast<double>(cap->get());
}

/// `key = VALUE`, or `key = [["0s", VALUE], ["40s", VALUE]]` and `repeat = T`.
template <class Read>
Steps read_steps(TomlTable& table, std::string_view key, Read read, const std::string& allowed) {
  const toml::node& node = table.need(key);
  const auto value = [&](const toml::node& one) {
    const auto number = read(one);
    if (!number) table.refuse_value(key, one, "must be " + allowed);
    return *number;
  };
  Duration period{};
  table.read("repeat", 1ms, longest, period);
  const toml::array* array = node.as_array();
  if (array == nullptr) return Steps({{Duration{}, value(node)}}, {});
  std::vector<Steps::Step> steps;
  for (const toml::node& element : *array) {
    const toml::array* pair = element.as_array();
    if (pair == nullptr || pair->size() != 2) {
      table.refuse_value(key, element, "must be a pair [time, value]");
    }
    const auto from = parse_duration(text_of((*pair)[0]));
    const bool in_order = steps.empty() ? from == Duration{} : from > steps.back().from;
    if (!from || !in_order || (period > Duration{} && *from >= period)) {
      table.refuse_value(key, (*pair)[0],
                         "must be a time: 0 in the first pair, then later ones, before `repeat`");
    }
    steps.push_back({*from, value((*pair)[1])});
  }
  if (steps.empty()) table.refuse_value(key, node, "must not be empty");
  return Steps(std::move(steps), period);
}

Rate read_quota(TomlTable& table) {
  const toml::node& node = table.need("quota");
  const auto quota = parse_rate(text_of(node));
  if (!node.is_string() || !quota || quota->amount == 0 || quota->amount > million) {
    table.refuse_value("quota", node, "must be so many in a time, such as 300/60s");
  }
  return *quota;
}

sim::Limit read_limit(TomlTable table) {
  table.need("kind");
  switch (table.read("kind", {"bucket", "fixed-window", "sliding-window", "cap"})) {
    case 0: {
      Steps rate = read_steps(table, "rate", rate_of, "a rate such as 20/s");
      double burst = 1;
      table.read("burst", 1, 1e6, burst);
      table.finish();
      return sim::TokenBucket(std::move(rate), burst);
    }
    case 1: {
      const Rate quota = read_quota(table);
      Duration phase{};
      table.read("phase", 0s, quota.period, phase);
      table.finish();
      return sim::FixedWindow(static_cast<int>(quota.amount), quota.period, phase);
    }
    case 2: {
      const Rate quota = read_quota(table);
      table.finish();
      return sim::SlidingWindow(static_cast<int>(quota.amount), quota.period);
    }
    default: {
      Steps cap = read_steps(table, "cap", cap_of, "an integer from 1 to 1000000");
      table.finish();
      return sim::Cap(std::move(cap));
    }
  }
}

void read_jobs(TomlTable table, ModelFile& file) {
  Model& model = file.model;
  if (table.has("count")) table.read("count", 1, 1'000'000'000, file.jobs.emplace());
  table.read("duration", shortest, longest, model.duration);
  table.read("variation", 0, 10, model.variation);
  table.read("jitter", 0, 10, model.jitter);
  table.read("broken", 0, 1, model.broken);
  table.read("broken_after", 0, 1, model.broken_after);
  table.read("noise", 0, 0.9, model.noise);
  if (table.has("timeout")) table.read("timeout", shortest, longest, model.timeout.emplace());
  table.finish();
}

void read_refusals(TomlTable table, Model& model) {
  constexpr sim::Signal signals[] = {sim::Signal::failure, sim::Signal::overload,
                                     sim::Signal::retry_after};
  table.read("takes", shortest, longest, model.refusal);
  table.read("variation", 0, 10, model.refusal_variation);
  model.signal = signals[table.read("signal", {"failure", "overload", "retry-after"})];
  table.finish();
}

sim::PenaltyBox read_ban(TomlTable table) {
  int strikes = 10;
  Duration within = 10s;
  Duration lasts = 30s;
  table.read("strikes", 1, million, strikes);
  table.read("within", shortest, longest, within);
  table.read("lasts", shortest, longest, lasts);
  table.finish();
  return {strikes, within, lasts};
}

sim::Outage read_outage(TomlTable table, bool has_timeout) {
  Duration from{};
  Duration to{};
  table.need("to");
  table.read("from", 0s, longest, from);
  table.read("to", from, longest, to);
  bool hangs = false;
  table.read("hangs", hangs);
  table.finish();
  if (hangs && !has_timeout) {
    table.refuse_all("an outage that hangs needs jobs.timeout, or nothing would ever end");
  }
  return {at(from), at(to), hangs};
}

void read_server(TomlTable table, Model& model) {
  table.need("kind");
  if (table.read("kind", {"queue", "knee"}) == 0) {
    int servers = 0;
    bool zombies = true;
    table.need("servers");
    table.read("servers", 1, million, servers);
    table.read("zombies", zombies);
    model.pace = sim::Queue(servers, zombies);
  } else {
    double contention = 0;
    double coherency = 0;
    table.read("contention", 0, 1, contention);
    table.read("coherency", 0, 1, coherency);
    model.pace = sim::Knee(contention, coherency);
  }
  table.finish();
}

}  // namespace

ModelFile parse_model(const std::string& text, const std::string& path) {
  const toml::table parsed = parse_toml(text, path);
  TomlTable top(parsed, "", path);
  ModelFile file;
  Model& model = file.model;
  for (TomlTable& table : top.table("jobs")) read_jobs(std::move(table), file);
  for (TomlTable& table : top.table("refusals")) read_refusals(std::move(table), model);
  for (TomlTable& table : top.tables("limit")) model.limits.push_back(read_limit(std::move(table)));
  for (TomlTable& table : top.table("ban")) model.ban = read_ban(std::move(table));
  for (TomlTable& table : top.table("server")) read_server(std::move(table), model);
  std::vector<sim::Outage> outages;
  for (TomlTable& table : top.tables("outage")) {
    outages.push_back(read_outage(std::move(table), model.timeout.has_value()));
  }
  model.outages = sim::Outages(std::move(outages));
  if (top.has("mark")) {
    Duration mark{};
    top.read("mark", 0s, longest, mark);
    model.mark = at(mark);
  }
  top.finish();
  return file;
}

ModelFile read_model_file(const std::string& path) {
  return parse_model(read_toml(path, "model"), path);
}

}  // namespace gentlify
