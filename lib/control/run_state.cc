#include "lib/control/run_state.h"

#include <algorithm>

namespace gentlify {

namespace {

Duration until(TimePoint at, TimePoint now) {
  return at == never ? RunState::forever : std::max(Duration{}, at - now);
}

}  // namespace

std::string_view name(RunState::Phase phase) {
  switch (phase) {
    case RunState::Phase::running: return "running";
    case RunState::Phase::draining: return "draining";
    case RunState::Phase::stopping: return "stopping";
    case RunState::Phase::killing: return "killing";
    case RunState::Phase::ended: return "ended";
  }
  return "";
}

RunState state_of(const Progress& progress, const Scheduler& scheduler, TimePoint now,
                  RunState::Phase phase) {
  RunState state;
  state.succeeded = progress.succeeded();
  state.failed = progress.failed();
  state.retrying = progress.retrying();
  state.falling_back = progress.falling_back();
  state.total = progress.total();
  state.running = scheduler.running();
  state.limit = scheduler.limit();
  state.interval = scheduler.interval();
  if (const Pacer::Settings* pacer = scheduler.rate()) {
    state.rate_cap = static_cast<double>(pacer->rate.amount) / seconds(pacer->rate.period);
  }
  state.rate = progress.rate(now);
  state.eta = progress.eta(now);
  const Admission waiting = scheduler.waiting();
  state.gate = waiting.gate;
  if (waiting.gate != Gate::none) state.opens_in = until(waiting.at, now);
  if (const Permits* permits = scheduler.permits()) state.fleet = permits->held();
  state.paused = scheduler.pause().until() > now;
  if (state.paused) state.pause_left = until(scheduler.pause().until(), now);
  state.circuit_open = scheduler.circuit().state() == Circuit::open;
  if (state.circuit_open) state.circuit_left = until(scheduler.circuit().open_until(), now);
  state.phase =
      std::max(phase, scheduler.draining() ? RunState::Phase::draining : RunState::Phase::running);
  state.elapsed = now - progress.start();
  state.attempts = progress.attempts();
  state.cuts = progress.cuts();
  return state;
}

}  // namespace gentlify
