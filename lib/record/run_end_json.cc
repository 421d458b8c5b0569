#include "lib/core/json.h"
#include "lib/record/run_end.h"

namespace gentlify {

namespace {

double since_1970(std::chrono::system_clock::time_point t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

/// A text that may be absent.
void add_text(JsonObject& object, std::string_view name, const std::string& text) {
  if (text.empty()) {
    object.add_raw(name, "null");
  } else {
    object.add(name, text);
  }
}

/// A number that is absent where it is 0.
template <typename Number>
void add_number(JsonObject& object, std::string_view name, Number value) {
  if (value == 0) {
    object.add_raw(name, "null");
  } else {
    object.add(name, value);
  }
}

std::string list_of(const std::vector<FailedJobs::Entry>& failures) {
  std::string out = "[";
  for (const FailedJobs::Entry& failure : failures) {
    JsonObject object;
    object.add("seq", failure.seq);
    add_number(object, "line", failure.line);
    add_text(object, "command", failure.command);
    object.add("reason", failure.reason).add("attempts", failure.attempts);
    add_text(object, "last_line", failure.last_line);
    if (out.size() > 1) out += ',';
    out += object.text();
  }
  return out + ']';
}

}  // namespace

std::string json_of(const RunEnd& end) {
  JsonObject labels;
  for (const Label& label : end.labels) labels.add(label.name, label.value);
  JsonObject jobs;
  jobs.add("ok", end.succeeded).add("failed", end.failed).add("unfinished", end.unfinished);
  jobs.add("not_started", end.not_started).add("more_may_follow", end.more_may_follow);
  jobs.add("by_fallback", end.saved);
  JsonObject waited;
  for (std::size_t i = 0; i < gate_count; ++i) {
    const auto gate = static_cast<Gate>(i);
    if (is_wait(gate)) waited.add(name(gate), seconds(end.waited[i]));
  }
  JsonObject object;
  object.add("version", end.version).add_raw("labels", labels.text());
  object.add("started", since_1970(end.started)).add("ended", since_1970(end.ended));
  object.add("seconds", seconds(end.ran)).add_raw("jobs", jobs.text());
  object.add("attempts", end.attempts).add("repeated", end.repeated).add("cuts", end.cuts);
  add_number(object, "rate", end.rate());
  object.add_raw("waited", waited.text());
  add_text(object, "halted", end.halted);
  object.add("exit", end.exit);
  add_number(object, "signal", end.signal);
  add_text(object, "error", end.error);
  return object.add_raw("failures", list_of(end.failures)).text() + '\n';
}

}  // namespace gentlify
