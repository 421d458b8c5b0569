#include "cli/commands/simulate.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "cli/control_settings.h"
#include "cli/model_file.h"
#include "cli/simulation_report.h"
#include "lib/control/simulation/oracle.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::uint64_t jobs_not_told = 1000;

/// The file that --trace names.
class TraceFile {
 public:
  explicit TraceFile(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "we"), std::fclose) {
    if (file_ == nullptr) refuse();
    write(trace_header);
  }

  void write(const std::string& line) {
    failed_ = failed_ || std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size();
  }
  void close() {
    if (std::fclose(file_.release()) != 0 || failed_) refuse();
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error(ExitCode::cannot_create,
                fmt::format("cannot write the trace {}: {}", escape(path_), std::strerror(errno)));
  }

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  bool failed_ = false;
};

void check(const Options& options) {
  if (options.simulation.model.empty()) {
    throw Error(ExitCode::usage, "simulate needs a service to simulate: --model FILE");
  }
  if (!options.command.empty() || !options.lists.empty()) {
    throw Error(ExitCode::usage, "simulate runs no command and takes no items");
  }
}

}  // namespace

std::string simulate(const Options& options, const Settings& settings, int cores) {
  check(options);
  const Options::Simulation& asked = options.simulation;
  const ModelFile file = read_model_file(asked.model);
  sim::Plan plan;
  plan.jobs = settings.total_tasks > 0 ? settings.total_tasks : file.jobs.value_or(jobs_not_told);
  plan.most = bounds_of(settings, cores).max_concurrency;
  plan.cost = settings.cost;

  std::optional<TraceFile> trace;
  if (!asked.trace.empty()) trace.emplace(asked.trace);
  std::vector<SimulatedRun> runs;
  for (std::uint64_t i = 0; i < asked.runs; ++i) {
    plan.seed = asked.seed + i;
    std::function<void(const sim::Sample&)> tracer;
    if (trace && i == 0) tracer = [&](const sim::Sample& s) { trace->write(trace_line(s)); };
    const sim::Result result =
        sim::run(file.model, plan, make_controller(settings, cores, plan.seed),
                 make_retry(settings, plan.seed), tracer);
    if (result.end == sim::Result::End::stalled) {
      throw Error(
          ExitCode::internal_error,
          fmt::format("internal error: the run of seed {} stalled; please report it", plan.seed));
    }
    runs.push_back({plan.seed, result, sim::oracle_makespan(file.model, plan)});
  }
  if (trace) trace->close();
  return asked.json ? simulation_json(runs) : simulation_table(runs);
}

}  // namespace gentlify
