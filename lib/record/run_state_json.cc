#include "lib/record/run_state_json.h"

#include "lib/core/json.h"

namespace gentlify {

namespace {

/// null where `is_known` is false.
template <typename Number>
void add_if(JsonObject& object, std::string_view name, bool is_known, Number value) {
  if (is_known) {
    object.add(name, value);
  } else {
    object.add_raw(name, "null");
  }
}

void add_left(JsonObject& object, std::string_view name, bool is_there, Duration left) {
  add_if(object, name, is_there && left != RunState::forever, seconds(left));
}

}  // namespace

std::string to_json(const RunState& state, std::string_view type) {
  const Progress::Eta eta = state.eta.value_or(Progress::Eta{});
  const bool waits = state.gate != Gate::none;
  JsonObject object;
  if (!type.empty()) object.add("t", type);
  object.add("ok", state.succeeded).add("failed", state.failed);
  object.add("retrying", state.retrying).add("falling_back", state.falling_back);
  object.add("done", state.done());
  add_if(object, "total", state.total.has_value(), state.total.value_or(0));
  object.add("running", state.running);
  add_if(object, "limit", state.limit < no_cap, state.limit);
  add_if(object, "interval", state.interval > Duration{}, seconds(state.interval));
  add_if(object, "rate_cap", state.rate_cap.has_value(), state.rate_cap.value_or(0));
  add_if(object, "rate", state.rate > 0, state.rate);
  add_if(object, "eta", state.eta.has_value(), seconds(eta.left));
  add_if(object, "eta_spread", state.eta.has_value(), seconds(eta.spread));
  add_if(object, "gate", waits, name(state.gate));
  add_left(object, "opens_in", waits, state.opens_in);
  object.add("paused", state.paused);
  add_left(object, "pause_left", state.paused, state.pause_left);
  object.add("circuit_open", state.circuit_open);
  add_left(object, "circuit_left", state.circuit_open, state.circuit_left);
  object.add("phase", name(state.phase)).add("elapsed", seconds(state.elapsed));
  return object.add("attempts", state.attempts).add("cuts", state.cuts).text();
}

}  // namespace gentlify
