#include "tests/service/model.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

namespace gentlify::service {

namespace {

/// What stands before `mark`, taken off `text` with the mark; all of it where there is none.
std::string_view cut(std::string_view& text, char mark) {
  const std::string_view head = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), head.size() + 1));
  return head;
}

double to_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    throw std::invalid_argument("'" + std::string(text) + "' is not a number from 0 on");
  }
  return value;
}

Duration to_duration(std::string_view text) {
  return from_seconds(to_number(text));
}

/// `5,40@30`
sim::Steps to_steps(std::string_view text) {
  std::vector<sim::Steps::Step> steps;
  do {
    std::string_view from = cut(text, ',');
    const double value = to_number(cut(from, '@'));
    steps.push_back({from.empty() ? Duration{} : to_duration(from), value});
  } while (!text.empty());
  return sim::Steps(std::move(steps));
}

}  // namespace

Description describe(const std::vector<std::string_view>& words) {
  Description description;
  sim::Model& model = description.model;
  model.variation = 0;
  std::optional<sim::Steps> rate;
  double burst = 1;
  std::vector<sim::Outage> outages;
  bool hangs = false;
  for (const std::string_view word : words) {
    std::string_view value = word;
    const std::string_view key = cut(value, '=');
    if (key == "rate") {
      rate = to_steps(value);
    } else if (key == "burst") {
      burst = to_number(value);
    } else if (key == "cap") {
      model.limits.emplace_back(sim::Cap(to_steps(value)));
    } else if (key == "outage") {
      const TimePoint from = TimePoint{} + to_duration(cut(value, '-'));
      outages.push_back({from, TimePoint{} + to_duration(value)});
    } else if (key == "hang") {
      hangs = true;
    } else if (key == "takes") {
      model.duration = to_duration(value);
    } else if (key == "cv") {
      model.variation = to_number(value);
    } else if (key == "refuses-in") {
      model.refusal = to_duration(value);
    } else if (key == "broken") {
      model.broken = to_number(value);
    } else if (key == "retry-after") {
      model.signal = sim::Signal::retry_after;
    } else if (key == "seed") {
      description.seed = static_cast<std::uint64_t>(to_number(value));
    } else {
      throw std::invalid_argument("'" + std::string(word) + "' says nothing of a service");
    }
  }
  if (rate) model.limits.emplace_back(sim::TokenBucket(*rate, burst));
  for (sim::Outage& outage : outages) outage.hangs = hangs;
  model.outages = sim::Outages(std::move(outages));
  return description;
}

}  // namespace gentlify::service
