// What the engine does for a job that has failed for good, before that counts: its fallback runs,
// without a slot, and what it writes follows on what the job has written.
#include <fmt/format.h>

#include <cstring>
#include <iterator>
#include <utility>

#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/engine.h"

namespace gentlify {

namespace {

/// So many are started in one turn of the loop: jobs that can start do not wait for more.
constexpr int starts_each_turn = 4;
/// Where this machine is short of something, another try is made after so long, and the last one
/// when it has been so for so long.
constexpr Duration try_each = std::chrono::milliseconds(250);
constexpr Duration try_for = std::chrono::seconds(30);

ExitLists only_zero() {
  ExitLists lists;
  lists.success.set(0);
  return lists;
}

Outcome failure(std::string reason) {
  return {Verdict::failure, {Exit::Kind::code, 1}, std::move(reason), {}};
}

Outcome stopped() {
  return {Verdict::stopped, {}, "stopped before it began", {}};
}

/// The machine is short of something; false: it has been so for long enough.
bool may_wait(Fallbacks::Waiting& waiting, TimePoint now) {
  waiting.short_since = std::min(waiting.short_since, now);
  return now - waiting.short_since < try_for;
}

}  // namespace

/// Starts those that may start. Where the run is being stopped, or what happens cannot be written
/// down, none may: their jobs are not done.
void Engine::start_fallbacks(TimePoint now) {
  const bool none = phase_ >= Phase::stopping || !halt_.lost_record().empty();
  if (!none && fallbacks_->is_held(now)) return;
  fallbacks_->hold_until(TimePoint{});
  for (int started = 0;; ++started) {
    const std::optional<JobId> job =
        fallbacks_->next(none ? 0 : fallbacks_running_, output_.turn());
    if (!job) return;
    if (none) {
      do_without_fallback(*job, stopped(), now);
    } else if (started == starts_each_turn) {
      more_to_start_ = true;
      return;
    } else if (!start_fallback(*job, now)) {
      fallbacks_->hold_until(later(now, try_each));
      return;
    }
  }
}

/// False: this machine is short of something, and it is to be tried again.
bool Engine::start_fallback(JobId job, TimePoint now) {
  finish_lingering(job);
  Fallbacks::Waiting& waiting = *fallbacks_->find(job);
  Results::Files files;
  if (results_) {
    const bool first = waiting.job->attempts == 0;
    const int error = first ? results_->open(job, true, files) : results_->reopen(job, files);
    if (Launcher::is_shortage(error) && may_wait(waiting, now)) return false;
    if (error != 0) {
      fail_results(error);
      do_without_fallback(job, stopped(), now);
      return true;
    }
  }
  const Fallbacks::Settings& settings = fallbacks_->settings();
  Launcher::Launched launched = fallbacks_->launcher().launch(
      {settings.command, waiting.record, waiting.job, captured(settings_)});
  if (launched.child.pid >= 0) {
    run_fallback(waiting, std::move(launched), std::move(files), now);
    return true;
  }
  const int error = launched.child.error;
  if (launched.problem.empty()) launched.problem = std::strerror(error);
  if (Launcher::is_shortage(error) && may_wait(waiting, now)) {
    if (waiting.job->attempts == 0 && results_) results_->discard(job);
    return false;
  }
  do_without_fallback(job, failure("it cannot be started: " + launched.problem), now);
  return true;
}

void Engine::run_fallback(Fallbacks::Waiting& waiting, Launcher::Launched launched,
                          Results::Files files, TimePoint now) {
  const Job& job = *waiting.job;
  running_.emplace_back(host_, *this, job.id, std::move(launched.child), std::move(launched.pipes),
                        std::string());
  Running& running = running_.back();
  running.self = std::prev(running_.end());
  running.files = std::move(files);
  running.is_fallback = true;
  running.began = now;
  output_.pass_on(waiting.output, running.output);
  if (output_held_) running.hold_output(true);
  ++fallbacks_running_;
  fallbacks_->remove(job.id);
  running.timeout = fallbacks_->settings().timeout;
  if (running.timeout > Duration{}) set_due(running, later(now, running.timeout));
}

void Engine::do_without_fallback(JobId job, const Outcome& outcome, TimePoint now) {
  finish_lingering(job);
  output_.end(fallbacks_->find(job)->output, true);
  fallbacks_->remove(job);
  more_to_start_ = true;  // nobody's end may come
  tell_of_fallback(job, outcome);
  scheduler_.on_fallback_end(job, now, outcome, Duration{});
  settle(job);
}

/// The first one that fails gets a note.
void Engine::tell_of_fallback(JobId job, const Outcome& outcome) {
  if (outcome.verdict != Verdict::failure || std::exchange(fallback_failed_, true)) return;
  std::string text = outcome.reason;
  if (!outcome.last_line.empty()) text += ": " + escape(outcome.last_line);
  display_.note(
      fmt::format("--fallback failed for job {}: {}; where others do nothing is said of it",
                  number(job), text));
}

void Engine::on_fallback_exit(Running& running) {
  const TimePoint now = monotonic_now();
  const Exit exit = fallbacks_->launcher().end_of(running.pid(), running.exit());
  Outcome outcome = classify(exit, only_zero());
  outcome.last_line = running.output.last_err_line();
  if (running.timed_out) outcome.reason = "timeout after " + human(running.timeout);
  if (running.timed_out || outcome.verdict != Verdict::success) outcome.verdict = Verdict::failure;
  call_off(running);
  if (phase_ >= Phase::stopping && outcome.verdict != Verdict::success) {
    outcome.verdict = Verdict::stopped;
  }
  leftovers_.look_later(now);
  --fallbacks_running_;
  tell_of_fallback(running.job(), outcome);
  running.fate = scheduler_.on_fallback_end(running.job(), now, outcome, now - running.began);
  let_linger(running, now);
}

/// It waits in the kernel, and may do so for ever. Nobody waits for it.
void Engine::call_fallback_unkillable(Running& running) {
  if (running.exited()) return;
  display_.note(fmt::format(
      "unkillable pid {}: the fallback of job {} has survived SIGKILL for {} and is left behind",
      running.pid(), number(running.job()), human(settings_.kill_patience)));
  give_up_child();
  running.abandon();
}

}  // namespace gentlify
