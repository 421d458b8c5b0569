#include "lib/record/metrics.h"

#include <fmt/format.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "lib/control/controller.h"
#include "lib/record/metric_text.h"

namespace gentlify {

namespace {

constexpr Duration period = std::chrono::seconds(5);

constexpr std::array<std::string_view, 5> verdict_names = {"success", "failure", "overload",
                                                           "permanent", "stopped"};

double since_1970(std::chrono::system_clock::time_point t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

/// The next time may be better: jobs have the descriptors or the memory.
bool is_passing(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM;
}

}  // namespace

Metrics::Metrics(std::vector<Label> labels, const Progress& progress, const Scheduler& scheduler,
                 Clock clock)
    : labels_(std::move(labels)),
      progress_(progress),
      scheduler_(scheduler),
      clock_(std::move(clock)),
      started_(clock_()) {}

void Metrics::on_event(const Event& event, TimePoint) {
  if (const auto* ended = std::get_if<event::Ended>(&event)) {
    if (!ended->attempted) return;
    ++attempts_[static_cast<std::size_t>(ended->outcome.verdict)];
    durations_.add(ended->ran);
  } else if (const auto* circuit = std::get_if<event::CircuitMoved>(&event)) {
    circuit_open_ = circuit->open;
  } else if (const auto* paused = std::get_if<event::Paused>(&event)) {
    paused_ = paused->on;
  }
}

TimePoint MetricsFile::refresh(TimePoint now) {
  if (!is_due(now)) return next_;
  next_ = later(now, period);
  write();
  return next_;
}

void MetricsFile::finish() {
  if (next_ != never) write();
}

void MetricsFile::write() {
  const int error = file_.write(metrics_.text());
  if (error == 0 || (is_passing(error) && !metrics_.is_finished())) return;
  next_ = never;
  halt_.lose_record(file_.describe(error));
}

std::string Metrics::text() const {
  MetricText out(labels_);
  const auto add = [&](std::string_view name, std::string_view type, double value,
                       std::string_view help) { out.family(name, type, help).sample(value); };
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };

  out.family("jobs_completed_total", "counter", "Jobs that succeeded or failed for good.");
  out.sample(count(progress_.succeeded()), "outcome", "ok");
  out.sample(count(progress_.failed()), "outcome", "failed");
  if (progress_.total()) {
    add("jobs", "gauge", count(*progress_.total()), "Jobs that there are in all.");
  }
  out.family("attempts_total", "counter", "Attempts that ended, by what their end said.");
  for (std::size_t i = 0; i < verdicts; ++i) {
    out.sample(count(attempts_[i]), "verdict", verdict_names[i]);
  }
  out.family("attempt_duration_seconds", "histogram", "How long attempts ran.");
  for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
    const std::string bound = fmt::format("{}", Histogram::bounds[i]);
    out.sample(count(durations_.at_most(i)), "le", bound, "_bucket");
  }
  const double all = count(durations_.at_most(Histogram::bounds.size()));
  out.sample(all, "le", "+Inf", "_bucket");
  out.sample(seconds(durations_.sum()), {}, {}, "_sum").sample(all, {}, {}, "_count");

  const int limit = scheduler_.limit();
  add("jobs_in_flight", "gauge", progress_.in_flight(), "Jobs that run.");
  add("limit", "gauge", limit >= no_cap ? std::numeric_limits<double>::infinity() : limit,
      "Jobs that may run at once, as the controller sees it.");
  add("retries_waiting", "gauge", count(progress_.retrying()), "Jobs that wait for their retry.");
  add("cuts_total", "counter", count(progress_.cuts()), "Times that the controller slowed down.");
  add("circuit_open", "gauge", circuit_open_ ? 1 : 0, "Whether the circuit is open.");
  add("paused", "gauge", paused_ ? 1 : 0, "Whether nothing starts for a while.");
  out.family("waited_seconds_total", "counter", "Time in which a limit held the next start back.");
  for (std::size_t i = 0; i < gate_count; ++i) {
    const auto gate = static_cast<Gate>(i);
    if (is_wait(gate)) out.sample(seconds(scheduler_.waited()[i]), "gate", name(gate));
  }
  add("start_time_seconds", "gauge", since_1970(started_), "When the run began, since 1970.");
  add("last_write_timestamp_seconds", "gauge", since_1970(clock_()),
      "When this file was written, since 1970.");
  add("run_finished", "gauge", finished_ ? 1 : 0, "Whether the run is over.");
  return out.text();
}

}  // namespace gentlify
