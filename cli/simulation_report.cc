#include "cli/simulation_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/control/simulation/oracle.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

using Runs = std::vector<SimulatedRun>;

/// The mean of what `of` says of each run.
template <class Of>
double mean(const Runs& runs, Of of) {
  double sum = 0;
  for (const SimulatedRun& run : runs) sum += static_cast<double>(of(run));
  return sum / static_cast<double>(runs.size());
}

double efficiency_of(const SimulatedRun& run) {
  return sim::efficiency(run.result, run.oracle);
}

double per_job(const SimulatedRun& run, std::uint64_t attempts) {
  return static_cast<double>(attempts) /
         static_cast<double>(std::max<std::uint64_t>(1, run.result.done));
}

/// "12", "12.5"
std::string count(double n) {
  return n == std::floor(n) ? fmt::format("{:.0f}", n) : fmt::format("{:.1f}", n);
}

std::string_view name(sim::Result::End end) {
  switch (end) {
    case sim::Result::End::settled: return "settled";
    case sim::Result::End::horizon: return "horizon";
    case sim::Result::End::stalled: return "stalled";
  }
  return "";
}

class Table {
 public:
  void heading(std::string_view text) { out_ += fmt::format("{}\n", text); }
  void line(std::string_view key, const std::string& value, std::string_view note = {}) {
    out_ += fmt::format("{:<20}{}", key, value);
    if (!note.empty())
      out_ +=
          fmt::format("{}({})", std::string(value.size() < 10 ? 10 - value.size() : 2, ' '), note);
    out_ += '\n';
  }
  /// Attempts that ended in one way; nothing where there were none.
  void attempts(std::string_view key, const Runs& runs, std::uint64_t sim::Result::*member) {
    const double n = mean(runs, [&](const SimulatedRun& r) { return r.result.*member; });
    if (n == 0) return;
    const double each =
        mean(runs, [&](const SimulatedRun& r) { return per_job(r, r.result.*member); });
    line(key, count(n), fmt::format("{:.3f} for each job done", each));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void add_gates(const Runs& runs, Table& table) {
  const double makespan =
      mean(runs, [](const SimulatedRun& r) { return seconds(r.result.makespan); });
  for (std::size_t i = 0; i < gate_count; ++i) {
    const double waited =
        mean(runs, [i](const SimulatedRun& r) { return seconds(r.result.waited[i]); });
    if (waited == 0) continue;
    table.line(fmt::format("  behind {}", name(static_cast<Gate>(i))), human(from_seconds(waited)),
               fmt::format("{:.0f} %", 100 * waited / std::max(makespan, 1e-9)));
  }
}

void add_recovery(const Runs& runs, Table& table) {
  if (!runs.front().result.recovery) return;
  const double recovery =
      mean(runs, [](const SimulatedRun& r) { return seconds(*r.result.recovery); });
  const bool all = std::all_of(runs.begin(), runs.end(),
                               [](const SimulatedRun& r) { return r.result.recovered; });
  table.line("recovery", (all ? "" : "over ") + human(from_seconds(recovery)),
             all ? "from the mark to 5 s at 90 % of what was there" : "not reached before the end");
}

std::string json_of(const SimulatedRun& run) {
  const sim::Result& r = run.result;
  std::string out = fmt::format(
      R"({{"seed":{},"end":"{}","makespan":{:.9g},"oracle":{:.9g},"efficiency":{:.6g},)"
      R"("jobs":{},"good":{},"done":{},"lost":{},"attempts":{},"refused":{},"outage_failures":{},)"
      R"("timeouts":{},"noise":{},"broken":{},"peak":{},"overshoot":{},"recovery":{},)"
      R"("recovered":{},"waited":{{)",
      run.seed, name(r.end), seconds(r.makespan), seconds(run.oracle), efficiency_of(run), r.jobs,
      r.good, r.done, r.lost(), r.attempts, r.refused, r.outage_failures, r.timeouts, r.noise,
      r.broken, r.peak, r.overshoot ? fmt::format("{:.6g}", *r.overshoot) : "null",
      r.recovery ? fmt::format("{:.9g}", seconds(*r.recovery)) : "null", r.recovered);
  bool first = true;
  for (std::size_t i = 0; i < gate_count; ++i) {
    if (r.waited[i] == Duration{}) continue;
    out += fmt::format(R"({}"{}":{:.9g})", first ? "" : ",", name(static_cast<Gate>(i)),
                       seconds(r.waited[i]));
    first = false;
  }
  return out + "}}";
}

}  // namespace

std::string simulation_table(const Runs& runs) {
  Table table;
  const auto time = [&](auto of) { return human(from_seconds(mean(runs, of))); };
  const auto number = [&](auto of) { return count(mean(runs, of)); };
  if (runs.size() > 1)
    table.line("runs", count(static_cast<double>(runs.size())), "what follows are means");
  const auto settled = std::count_if(runs.begin(), runs.end(), [](const SimulatedRun& r) {
    return r.result.end == sim::Result::End::settled;
  });
  table.line("makespan", time([](const SimulatedRun& r) { return seconds(r.result.makespan); }),
             settled == std::ssize(runs) ? "" : "broken off");
  table.line("oracle", time([](const SimulatedRun& r) { return seconds(r.oracle); }),
             "what knowing the service would take");
  table.line("efficiency", fmt::format("{:.3f}", mean(runs, efficiency_of)));
  table.line("jobs done", number([](const SimulatedRun& r) { return r.result.done; }),
             fmt::format("of {}", runs.front().result.jobs));
  table.line("jobs lost", number([](const SimulatedRun& r) { return r.result.lost(); }),
             "given up, but not broken");
  table.line("attempts", number([](const SimulatedRun& r) { return r.result.attempts; }));
  table.attempts("  refused", runs, &sim::Result::refused);
  table.attempts("  in an outage", runs, &sim::Result::outage_failures);
  table.attempts("  timed out", runs, &sim::Result::timeouts);
  table.attempts("  failed by chance", runs, &sim::Result::noise);
  table.attempts("  of broken jobs", runs, &sim::Result::broken);
  table.line("most in flight", number([](const SimulatedRun& r) { return r.result.peak; }));
  if (runs.front().result.overshoot) {
    const double over = mean(runs, [](const SimulatedRun& r) { return *r.result.overshoot; });
    table.line("overshoot", fmt::format("{:.2f}", over),
               "times what the service takes, at the worst");
  }
  add_recovery(runs, table);
  table.heading("time waited");
  add_gates(runs, table);
  return table.take();
}

std::string simulation_json(const Runs& runs) {
  std::string out = R"({"runs":[)";
  for (const SimulatedRun& run : runs) {
    if (&run != &runs.front()) out += ',';
    out += json_of(run);
  }
  return out +
         fmt::format(R"(],"mean":{{"makespan":{:.9g},"oracle":{:.9g},"efficiency":{:.6g},)"
                     R"("refused_per_job":{:.6g},"lost":{:.6g}}}}})"
                     "\n",
                     mean(runs, [](const SimulatedRun& r) { return seconds(r.result.makespan); }),
                     mean(runs, [](const SimulatedRun& r) { return seconds(r.oracle); }),
                     mean(runs, efficiency_of),
                     mean(runs, [](const SimulatedRun& r) { return per_job(r, r.result.refused); }),
                     mean(runs, [](const SimulatedRun& r) { return r.result.lost(); }));
}

std::string trace_line(const sim::Sample& sample) {
  const double rate = sample.interval > Duration{} ? 1 / seconds(sample.interval) : 0;
  return fmt::format("{:.6f},{},{},{}\n", seconds(sample.at.time_since_epoch()), sample.limit,
                     rate > 0 ? fmt::format("{:.6g}", rate) : "", sample.in_flight);
}

}  // namespace gentlify
