#include "cli/status_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/core/overloaded.h"
#include "lib/core/text.h"
#include "lib/record/run_state_json.h"

namespace gentlify {

namespace {

constexpr Duration redraw_each = std::chrono::milliseconds(100);
constexpr Duration refresh_each = std::chrono::seconds(1);
/// Milestones do not come closer together than this: a run that is over at once needs none.
constexpr Duration milestone_gap = std::chrono::seconds(1);
/// Without a total there are no percents to tell.
constexpr Duration milestone_without_total = std::chrono::seconds(30);
constexpr Duration cut_gap = std::chrono::seconds(10);
constexpr Duration starved_gap = std::chrono::seconds(10);
/// Shorter pauses that the service asks for are not worth a line.
constexpr Duration least_pause_told = std::chrono::seconds(1);

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// "38/s", "2.5/s", or "one in 4.0s" where they are fewer than one a second.
std::string starts_each(Duration interval) {
  const double rate = 1 / seconds(interval);
  if (rate < 0.995) return "one start in " + human(interval);
  return fmt::format("{:.{}f} starts/s", rate, rate < 9.95 ? 1 : 0);
}

/// What is shown changes with each tenth of a second.
bool counts_tenths(const RunState& state) {
  constexpr Duration whole_seconds = std::chrono::seconds(10);
  return state.gate != Gate::slots && state.gate != Gate::none && state.opens_in < whole_seconds;
}

bool in_foreground() {
  const pid_t group = ::tcgetpgrp(STDERR_FILENO);
  return group < 0 || group == ::getpgrp();
}

}  // namespace

StatusLine::StatusLine(Console& console, Progress& progress, const Scheduler& scheduler,
                       Source& source, const Options& options)
    : console_(console),
      progress_(progress),
      scheduler_(scheduler),
      source_(source),
      options_(options),
      last_told_(progress.start()) {
  if (options_.mode == Options::Mode::json) console_.speak_json();
}

RunState StatusLine::run_state(TimePoint now) const {
  return state_of(progress_, scheduler_, now, phase_);
}

void StatusLine::on_event(const Event& event, TimePoint now) {
  changed_ = true;
  std::visit(Overloaded{
                 [](const event::Started&) {},
                 [](const event::Ended&) {},
                 [](const event::Dropped&) {},
                 [&](const event::Adjusted& e) { adjusted(e, now); },
                 [&](const event::Starved& e) { starved(e, now); },
                 [&](const event::Paused& e) { paused(e, now); },
                 [&](const event::CircuitMoved& e) { circuit(e, now); },
                 [&](const event::JobsBlamed& e) {
                   state(e.on ? "most jobs fail: taking it as the jobs, not the service"
                              : "jobs succeed again: failures count as signs of overload");
                 },
                 [&](const event::Changed& e) {
                   state(fmt::format("{} is {} from now on (gentlify ctl)", e.key, e.value));
                 },
                 [&](const event::FleetMoved& e) { fleet(e); },
                 [&](const event::Draining& e) { draining(e); },
                 [&](const event::Stopping& e) { stopping(e); },
             },
             event);
}

/// Trouble is told once in a while: a cut follows the other until the service can keep up.
void StatusLine::adjusted(const event::Adjusted& e, TimePoint now) {
  if (e.kind == event::Adjusted::Kind::ramp) return;
  const bool cut = e.kind == event::Adjusted::Kind::cut;
  if (cut && cut_told_ != TimePoint{} && now - cut_told_ < cut_gap) {
    ++cuts_untold_;
    return;
  }
  std::string moves;
  if (e.limit != e.limit_before) moves = fmt::format("limit {} → {}", e.limit_before, e.limit);
  if (e.interval != e.interval_before) {
    if (!moves.empty()) moves += ", ";
    moves += e.interval == Duration{} ? "no wait between starts"
                                      : fmt::format("at most {}", starts_each(e.interval));
  }
  if (moves.empty()) moves = fmt::format("limit stays at {}", e.limit);
  if (!cut) return state(fmt::format("speeding up: {}", moves));
  cut_told_ = now;
  const std::uint64_t untold = std::exchange(cuts_untold_, 0);
  if (untold > 0) moves += fmt::format(", after {}", counted(untold, "more cut"));
  if (e.outcome.verdict == Verdict::success) {
    return state(fmt::format("slowing down: {} (more at once only take longer)", moves));
  }
  const char* what = e.outcome.verdict == Verdict::overload ? "overload" : "failures";
  state(fmt::format("slowing down: {} ({}, job {}: {})", moves, what, number(e.job.id),
                    escape(e.outcome.reason)));
}

void StatusLine::paused(const event::Paused& e, TimePoint now) {
  const bool was_by_hand = std::exchange(paused_by_hand_, e.on && e.by_hand);
  if (paused_by_hand_) {
    state(e.until == never ? "paused: nothing starts until SIGUSR2 or gentlify ctl resume"
                           : fmt::format("paused for {} (gentlify ctl)", human(e.until - now)));
  } else if (e.on && e.until - std::max(paused_until_, now) >= least_pause_told) {
    state(fmt::format("pausing {}: the service is overloaded", human(e.until - now)));
  } else if (was_by_hand) {
    state("going on");
  }
  paused_until_ = e.on ? e.until : TimePoint{};
}

void StatusLine::fleet(const event::FleetMoved& e) {
  using State = event::FleetMoved::State;
  const std::string fleet = fmt::format("fleet {}", e.name);
  switch (e.state) {
    case State::warm:
      return state(
          fmt::format("{} is new or has lost its memory: nothing starts for {}, until all "
                      "its hosts are heard of",
                      fleet, human(e.wait)));
    case State::joined:
      return state(fmt::format(
          "{}: {}", fleet,
          e.hosts == 1 ? "no other host is in it" : fmt::format("one of {} hosts", e.hosts)));
    case State::away:
      return state(
          fmt::format("{} is away, and nothing starts until it is back: {}", fleet, e.why));
    case State::alone: return state(fmt::format("{} is away, going on alone: {}", fleet, e.why));
    case State::fenced:
      return state(
          fmt::format("{} has been away for too long: the jobs that run are stopped, and "
                      "run again when it is back",
                      fleet));
  }
}

void StatusLine::circuit(const event::CircuitMoved& e, TimePoint now) {
  if (!e.open) return state("circuit closed: going on");
  const std::string duration = human(e.until - now);
  state(e.again ? fmt::format("circuit open for {} more: a probe failed", duration)
                : fmt::format("circuit open for {}: {} in a row failed", duration,
                              counted(static_cast<std::uint64_t>(e.failures), "attempt")));
}

void StatusLine::starved(const event::Starved& e, TimePoint now) {
  if (phase_ != RunState::Phase::running) return;
  if (starved_told_ != TimePoint{} && now - starved_told_ < starved_gap) return;
  starved_told_ = now;
  state(fmt::format("this machine is short of resources ({}): at most {} for now",
                    std::strerror(e.error), counted(static_cast<unsigned>(e.cap), "running job")));
}

void StatusLine::draining(const event::Draining& e) {
  if (phase_ != RunState::Phase::running) return;
  phase_ = RunState::Phase::draining;
  if (e.in_flight == 0) return;
  learn_total();
  std::string text = fmt::format("draining: {} running", e.in_flight);
  if (const auto total = progress_.total()) {
    text += fmt::format(", {} not started", *total - std::min(*total, progress_.seen()));
  }
  state(text + "; interrupt again to stop them");
}

void StatusLine::stopping(const event::Stopping& e) {
  phase_ = e.grace == Duration{} ? RunState::Phase::killing : RunState::Phase::stopping;
  if (e.in_flight == 0) return;
  const std::string jobs = counted(static_cast<unsigned>(e.in_flight), "running job");
  if (e.grace == Duration{}) return state("killing " + jobs);
  state(fmt::format("{}stopping {}; what still runs in {} is killed",
                    e.reader_gone ? "nobody reads the output any more: " : "", jobs,
                    human(e.grace)));
}

void StatusLine::state(const std::string& sentence) {
  if (options_.mode == Options::Mode::none) return;
  console_.say(options_.look.color && options_.mode != Options::Mode::json
                   ? "\x1b[33m" + sentence + "\x1b[0m"
                   : sentence);
}

void StatusLine::learn_total() {
  const auto total = source_.total();
  if (total) {
    progress_.set_total(*total);
  } else if (options_.total_told > 0) {
    progress_.set_total(options_.total_told);
  }
}

TimePoint StatusLine::refresh(TimePoint now) {
  switch (options_.mode) {
    case Options::Mode::bar: return draw(now);
    case Options::Mode::milestones: return tell_milestones(now);
    case Options::Mode::json: return tell_program(now);
    case Options::Mode::none: break;
  }
  return never;
}

TimePoint StatusLine::draw(TimePoint now) {
  if (now < next_draw_ && !changed_) return next_draw_;
  // What is over at once needs no status line.
  const TimePoint earliest = later(std::max(drawn_, progress_.start()), redraw_each);
  if (now < earliest) return earliest;
  learn_total();
  const RunState state = run_state(now);
  // The last column stays free: there some terminals begin a new line at once.
  console_.set_status(in_foreground() ? status_line(state, terminal_width() - 1, options_.look)
                                      : std::string());
  changed_ = false;
  drawn_ = now;
  next_draw_ = later(now, counts_tenths(state) ? redraw_each : refresh_each);
  return next_draw_;
}

TimePoint StatusLine::tell_program(TimePoint now) {
  if (!changed_) return never;
  const TimePoint earliest = drawn_ == TimePoint{} ? now : later(drawn_, refresh_each);
  if (now < earliest) return earliest;
  tell_program(now, "progress");
  return never;
}

void StatusLine::tell_program(TimePoint now, std::string_view type) {
  learn_total();
  changed_ = false;
  drawn_ = now;
  console_.line(to_json(run_state(now), type));
}

TimePoint StatusLine::tell_milestones(TimePoint now) {
  if (!changed_ && now - last_told_ < milestone_gap) return later(last_told_, milestone_gap);
  changed_ = false;
  learn_total();
  if (milestone_reached(now)) show_state(now);
  const Milestones& each = options_.milestones;
  if (each.period > Duration{}) return later(last_told_, each.period);
  if (each.percent > 0 && !progress_.total()) return later(last_told_, milestone_without_total);
  return never;
}

bool StatusLine::milestone_reached(TimePoint now) {
  const Milestones& each = options_.milestones;
  const auto total = progress_.total();
  const std::uint64_t done = progress_.completed();
  std::uint64_t step = told_step_;
  if (each.jobs > 0) {
    step = done / each.jobs;
  } else if (each.period > Duration{}) {
    step += now - last_told_ >= each.period ? 1 : 0;
  } else if (total && *total > 0) {
    step = done * 100 / *total / static_cast<std::uint64_t>(each.percent);
    if (!std::exchange(in_percent_, true)) told_step_ = step;
  } else {
    step += now - last_told_ >= milestone_without_total ? 1 : 0;
  }
  const bool all = total && *total > 0 && done >= *total && told_any_ && !told_all_;
  if (!all && (step <= told_step_ || now - last_told_ < milestone_gap || told_all_)) return false;
  told_all_ = total && done >= *total;
  told_any_ = true;
  told_step_ = step;
  last_told_ = now;
  return true;
}

void StatusLine::show_state(TimePoint now) {
  if (options_.mode == Options::Mode::json) return tell_program(now, "progress");
  learn_total();
  console_.say(describe(run_state(now)));
}

void StatusLine::close() {
  console_.set_status({});
}

void StatusLine::finish(TimePoint now) {
  phase_ = RunState::Phase::ended;
  if (options_.mode == Options::Mode::json) tell_program(now, "end");
}

}  // namespace gentlify
