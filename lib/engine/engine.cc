#include "lib/engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "lib/core/text.h"
#include "lib/engine/clock.h"

namespace gentlify {

namespace {

/// Output of a job that comes after its end, from processes it left behind, is taken for so long.
constexpr Duration late_output = std::chrono::seconds(2);
/// So many steps in one turn of the loop: a signal must not wait until a thousand jobs are started.
constexpr int starts_each_turn = 64;

}  // namespace

/// Asio does not tell where its own timer could not be watched, and then no timer ever fires.
Host::Host() try {
  boost::asio::steady_timer probe(io, std::chrono::steady_clock::time_point());
  bool fired = false;
  probe.async_wait([&](const boost::system::error_code&) { fired = true; });
  io.poll();
  if (!fired) throw std::system_error(ENOMEM, std::generic_category(), "event loop");
} catch (const boost::system::system_error& error) {
  throw std::system_error(error.code(), "event loop");
}

void Host::flush(Duration patience) {
  const TimePoint end = later(monotonic_now(), patience);
  for (console.flush(); console.pending() > 0 && monotonic_now() < end; console.flush()) {
    io.run_one_until(to_steady(end));
  }
}

Engine::Engine(Host& host, const EngineSettings& settings, Scheduler& scheduler, Halt& halt,
               Source& source, const Template& command, Environment& environment, Display& display)
    : host_(host),
      settings_(settings),
      scheduler_(scheduler),
      halt_(halt),
      source_(source),
      display_(display),
      signals_(host.watch, [this](int signal) { on_signal(signal); }),
      listener_(settings.patterns),
      timer_(host.io),
      launcher_(settings.launch, captured(settings), command, environment),
      output_(host.console, host.spool, settings.output, settings.keep_order),
      meta_(command),
      leftovers_(environment.run_id(), settings.leftover == Leftover::kill),
      pressure_(settings.pressure) {
  if (!settings_.results.empty()) {
    results_.emplace(settings_.results, settings_.all_attempts, settings_.goes_on);
  }
  if (settings_.output == OutputMode::inherit) host_.console.share_output();
}

/// What is to be shown or kept has to come to us.
OutputMode Engine::captured(const EngineSettings& settings) {
  const bool kept = settings.output == OutputMode::discard && !settings.results.empty();
  return kept ? OutputMode::group : settings.output;
}

Engine::~Engine() {
  source_.detach();
}

Engine::Result Engine::run() {
  source_.attach(host_.watch);
  for (pump(); !done_; pump()) {
    // Counting the input fills the time in which there is nothing to do.
    if (more_to_start_ || source_.count_some()) {
      host_.io.poll_one();
    } else {
      host_.io.run_one();
    }
  }
  // Nobody else is left to do it.
  if (guardian_is_dead_) kill_children();
  const Source::Rest rest = source_.rest();
  source_.detach();
  result_.killed = phase_ == Phase::killing;
  result_.not_read = rest.items;
  result_.input_complete = rest.complete;
  return result_;
}

/// One turn: start what may start; then note what to wait for.
void Engine::pump() {
  ended_.clear();
  const TimePoint now = monotonic_now();
  on_time(now);
  write_metas();  // before starts take the descriptors
  check_output();
  check_pressure(now);
  if (turns_ != nullptr) turns_->before_starts(now);
  const bool all_settled = plan_starts();
  commit();
  start_planned();
  if (fallbacks_ != nullptr) start_fallbacks(now);
  if (scheduler_.hopeless(now)) drain();
  write_metas();
  commit();
  if (hooks_ != nullptr) hooks_->look(now);
  if (turns_ != nullptr) turns_->after_starts(monotonic_now());
  next_display_ = display_.refresh(now);
  host_.console.flush();
  check_output();  // the very last write may be the one that fails
  done_ =
      all_settled && running_.empty() && (host_.console.pending() == 0 || phase_ == Phase::killing);
  if (!done_) {
    const TimePoint linger = lingering_.empty() ? never : lingering_.front().until;
    sleep_until(std::min({next_start_, next_display_, next_check_, stop_at_, kill_at_,
                          due_.empty() ? never : due_.begin()->first, linger, leftovers_.next(),
                          halt_.next(), ledger_ == nullptr ? never : ledger_->next(),
                          hooks_ == nullptr ? never : hooks_->next(),
                          turns_ == nullptr ? never : turns_->next(),
                          fallbacks_ == nullptr ? never : fallbacks_->held_until()}));
  }
}

/// Asks what may start, up to a bound. True where every job is settled.
bool Engine::plan_starts() {
  more_to_start_ = true;
  for (int turns = 0; more_to_start_ && turns < starts_each_turn; ++turns) {
    check_halt();
    const Step step = scheduler_.next(monotonic_now());
    more_to_start_ = false;
    next_start_ = never;
    if (const auto* start = std::get_if<Start>(&step)) {
      planned_.push_back(*start);
      more_to_start_ = true;
    } else if (const auto* wait = std::get_if<Wait>(&step)) {
      next_start_ = end_of(*wait);
      const bool held =
          wait->gate == Gate::pause || wait->gate == Gate::output || wait->gate == Gate::fleet;
      if (give_up_unkillable(*wait)) {
        more_to_start_ = true;
      } else if (wait->until == never && !held && scheduler_.running() == 0 &&
                 scheduler_.falling_back() == 0) {
        throw std::logic_error("nothing runs and nothing is due, but jobs are left");
      }
    } else if (const auto* need = std::get_if<NeedInput>(&step)) {
      next_start_ = need->until;
      more_to_start_ = feed();
    } else {
      return true;
    }
  }
  return false;
}

/// Writes down what was decided and what has ended. Where that fails, nothing more starts.
void Engine::commit() {
  if (ledger_ == nullptr || ledger_->commit(monotonic_now())) return;
  check_halt();
  escalate(Phase::draining, 0);
  for (const Start& planned : std::exchange(planned_, {})) put_back(planned);
}

/// It does not start after all.
void Engine::put_back(const Start& planned) {
  more_to_start_ = true;  // nobody's end may come
  scheduler_.on_start_failed(planned.job.id, monotonic_now(), 0);
}

void Engine::start_planned() {
  for (const Start& planned : std::exchange(planned_, {})) {
    check_halt();  // one that could not be started may be the last that is allowed to fail
    if (phase_ == Phase::running) {
      start(planned.job, planned.slot);
    } else {
      put_back(planned);
    }
  }
}

/// Gives the scheduler the next item; false where it has to wait for one.
bool Engine::feed() {
  Job job;
  job.cost = settings_.cost;
  switch (source_.next(job)) {
    case Source::Read::wait: return false;
    case Source::Read::more: return true;
    case Source::Read::end: scheduler_.close_input(); return true;
    case Source::Read::item: break;
  }
  if (job.id == JobId{}) job.id = JobId{items_ + 1};
  // Those in between are done with, or, where hosts share the list, not ours: then their numbers
  // come in any order.
  while (items_ + 1 < number(job.id)) output_.settle(JobId{++items_});
  items_ = std::max(items_, number(job.id));
  ++result_.taken;
  // Most items need no look: they fit whatever the command makes of them.
  if (job.defect.empty() && job.item.size() > largest_argument) job.defect = launcher_.misfit(job);
  scheduler_.add(std::move(job), monotonic_now());
  return true;
}

/// The job has run, as it were.
void Engine::pretend(const Job& job) {
  const JobId id = job.id;
  more_to_start_ = true;
  scheduler_.on_started();
  if (scheduler_.on_end(id, monotonic_now(), {}) != Fate::retry) settle(id);
}

void Engine::start(const Job& job, int slot) {
  if (settings_.pretend) return pretend(job);
  if (job.attempts > 1) finish_lingering(job.id);
  Results::Files files;
  if (!open_results(job, files)) return;
  Launcher::Launched launched = launcher_.launch(job, slot);
  if (!launched.problem.empty()) {
    const Exit exit{Exit::Kind::unstarted, EINVAL};
    return fail_unstarted(job, {Verdict::permanent, exit, launched.problem, {}});
  }
  Spawned& child = launched.child;
  if (launched.missing_program != 0) {
    const Exit exit{Exit::Kind::unstarted, launched.missing_program};
    return fail_unstarted(job, classify(exit, settings_.exits));
  }
  if (child.pid < 0) {
    if (results_ && job.attempts == 1) results_->discard(job.id);
    return postpone(job.id, child.error);
  }
  result_.start_error = 0;
  scheduler_.on_started();
  running_.emplace_back(host_, *this, job.id, std::move(child), std::move(launched.pipes),
                        tag_of(job, slot));
  Running& running = running_.back();
  running.self = std::prev(running_.end());
  running.files = std::move(files);
  running.first = job.attempts == 1;
  running.timeout = job.own && job.own->timeout > Duration{} ? job.own->timeout : settings_.timeout;
  if (running.timeout > Duration{}) set_due(running, later(monotonic_now(), running.timeout));
}

/// This machine is short of something: the job goes back and no attempt is spent.
void Engine::postpone(JobId job, int error) {
  result_.start_error = error;
  more_to_start_ = true;  // nobody else's end may come
  scheduler_.on_start_failed(job, monotonic_now(), error);
}

/// There was a child, but it could not become its program for want of something.
void Engine::postpone(Running& running, int error) {
  call_off(running);
  if (results_ && running.first) results_->discard(running.job());
  running.fate = Fate::retry;
  postpone(running.job(), error);
  finish(running);
}

void Engine::fail_unstarted(const Job& job, const Outcome& outcome) {
  const JobId id = job.id;  // the job may be gone after its end
  more_to_start_ = true;    // nobody else's may come
  const Fate fate = scheduler_.on_end(id, monotonic_now(), outcome);
  if (fate != Fate::retry && fate != Fate::fallback) settle(id);
}

/// Jobs that are settled without a start have nothing to show, and no one may wait for it.
void Engine::on_event(const Event& event, TimePoint now) {
  if (results_) meta_.on_event(event, wall_now());
  if (const auto* ended = std::get_if<event::Ended>(&event)) {
    if (ended->fate == Fate::fallback) {
      const Job& job = ended->job;
      fallbacks_->add(*ended, JobOutput(host_.spool, job.id, tag_of(job, 0)), now);
    } else if (!ended->attempted && !ended->by_fallback) {
      settle(ended->job.id);
    }
  } else if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    if (dropped->elsewhere) --result_.taken;
    settle(dropped->job.id);
  }
}

void Engine::settle(JobId job) {
  output_.settle(job);
  if (results_) metas_due_.push_back(job);
}

void Engine::on_exit(Process& process) {
  auto& running = static_cast<Running&>(process);
  if (running.is_fallback) return on_fallback_exit(running);
  const TimePoint now = monotonic_now();
  const Exit exit = launcher_.end_of(process.pid(), process.exit());
  if (exit.kind == Exit::Kind::unstarted && Launcher::is_shortage(exit.value)) {
    return postpone(running, exit.value);
  }
  Outcome outcome = classify(exit, settings_.exits, hear(running, now));
  outcome.last_line = running.output.last_err_line();
  if (running.timed_out) {
    outcome.timed_out = true;
    outcome.reason = "timeout after " + human(running.timeout);
    if (outcome.verdict != Verdict::overload) outcome.verdict = Verdict::failure;
  } else if (running.again && outcome.verdict != Verdict::success) {
    outcome.reason = "stopped: the fleet may have given its place to another job";
    outcome.verdict = Verdict::stopped;
    outcome.again = true;
  } else if (running.told_to_end && outcome.verdict != Verdict::success) {
    outcome.reason = "ended by gentlify ctl kill";
    outcome.verdict = Verdict::permanent;
  }
  call_off(running);
  if (running.given_up) {
    outcome.reason += ", and then it could not be killed";
    outcome.verdict = Verdict::permanent;  // another attempt would run beside it
  }
  leftovers_.look_later(now);
  if (phase_ >= Phase::stopping && outcome.verdict != Verdict::success) {
    outcome.verdict = Verdict::stopped;
  } else if (!running.told_to_end) {
    oom_kills_.judge(outcome, process.job(), scheduler_.running() == 1, now);
  }
  running.fate = scheduler_.on_end(process.job(), now, outcome);
  if (running.fate != Fate::retry) oom_kills_.forget(process.job());
  let_linger(running, now);
}

/// The process has ended, and its output goes on for a while where others hold it open.
void Engine::let_linger(Running& running, TimePoint now) {
  if (running.output_open() && phase_ < Phase::stopping) {
    lingering_.push_back({&running, later(now, late_output)});
  } else {
    finish(running);
  }
}

/// What the job said. The first thing in a run that nobody understands gets a note.
Said Engine::hear(const Running& running, TimePoint now) {
  Said said = listener_.listen(running.report(), running.output.err_tail(), now, wall_now());
  if (!said.puzzle.empty() && !puzzled_) {
    puzzled_ = true;
    display_.note(fmt::format("job {} {}: ignored, and so is what else is like it",
                              number(running.job()), said.puzzle));
  }
  return said;
}

/// Ends the run early where that is due.
void Engine::check_halt() {
  Phase phase = Phase::running;
  switch (halt_.due(monotonic_now())) {
    case HaltRule::When::none: return;
    case HaltRule::When::soon: phase = Phase::draining; break;
    case HaltRule::When::now: phase = Phase::stopping; break;
  }
  if (phase <= phase_) return;
  display_.note("halting: " + halt_.why());
  escalate(phase, 0);
}

/// Closes and opens the gates of this machine, where the user has set some.
void Engine::check_pressure(TimePoint now) {
  if (scheduler_.draining() || !pressure_.look(now)) return;
  for (const Gate gate : {Gate::load, Gate::memory}) {
    scheduler_.set_closed(gate, pressure_.is_over(gate), now);
  }
}

/// When to ask again, and to look at this machine again where that is what holds jobs back.
TimePoint Engine::end_of(const Wait& wait) {
  const std::string news = pressure_.news(wait.gate);
  if (!news.empty()) display_.note(news);
  return std::min(wait.until, pressure_.next(wait.gate));
}

void Engine::sleep_until(TimePoint wake) {
  if (wake == armed_) return;
  armed_ = wake;
  if (wake == never) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(to_steady(wake));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) armed_ = never;
  });
}

}  // namespace gentlify
