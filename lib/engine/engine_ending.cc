// How the engine ends jobs and the run: signals, the phases from running to killing, deadlines, and
// what does not end when it is told to.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <unordered_set>

#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/engine.h"
#include "lib/engine/process_group.h"

namespace gentlify {

namespace {

/// Signals of one kind within this time count once: terminals and supervisors send them doubled.
constexpr Duration same_signal = std::chrono::milliseconds(250);
/// How often the group of a stopped child is looked at.
constexpr Duration check_stopped_each = std::chrono::milliseconds(20);

}  // namespace

void Engine::on_signal(int signal) {
  const TimePoint now = monotonic_now();
  if (signal == SIGUSR1) return display_.show_state(now);
  if (signal == SIGUSR2) {
    return scheduler_.set_closed(Gate::pause, !scheduler_.is_paused_by_hand(now), now);
  }
  if (signal == SIGTSTP) return suspend();
  if (signal == guardian_died()) {
    guardian_is_dead_ = true;
    return escalate(Phase::killing, SIGKILL);
  }
  if (done_ && hooks_ != nullptr) return hooks_->end();  // only they are waited for
  if (signal == last_signal_ && now - last_signal_at_ < same_signal) return;
  last_signal_ = signal;
  last_signal_at_ = now;
  if (signal == SIGQUIT) {
    display_.show_state(now);
    return escalate(Phase::killing, signal);
  }
  switch (phase_) {
    case Phase::running: return escalate(Phase::draining, signal);
    case Phase::draining: return escalate(Phase::stopping, signal);
    case Phase::stopping:
    case Phase::killing: return escalate(Phase::killing, signal);
  }
}

/// Phases only go forward.
void Engine::escalate(Phase phase, int signal) {
  if (signal != 0) result_.signal = signal;
  if (phase <= phase_) return;
  phase_ = phase;
  const bool at_once = phase == Phase::killing || (phase == Phase::stopping && signal != 0);
  if (hooks_ != nullptr && at_once) hooks_->end();
  switch (phase) {
    case Phase::running:
    case Phase::draining: break;
    case Phase::stopping: stop(); break;
    case Phase::killing: kill(); break;
  }
  drain();
}

void Engine::drain() {
  if (phase_ == Phase::running) phase_ = Phase::draining;
  const TimePoint now = monotonic_now();
  if (phase_ == Phase::draining && settings_.drain_timeout > Duration{}) {
    stop_at_ = std::min(stop_at_, later(now, settings_.drain_timeout));
  }
  source_.detach();
  scheduler_.drain(now);
}

void Engine::stop() {
  const TimePoint now = monotonic_now();
  stop_at_ = never;
  kill_at_ = later(now, settings_.kill_grace);
  next_check_ = later(now, check_stopped_each);
  scheduler_.stopping(settings_.kill_grace, result_.output_error == EPIPE, now);
  for (Running& running : running_) running.stop();
  for (Lingering& lingering : lingering_) lingering.until = now;
}

void Engine::kill() {
  stop_at_ = kill_at_ = never;
  next_check_ = monotonic_now();
  scheduler_.stopping(Duration{}, false, next_check_);
  for (Running& running : running_) kill(running, next_check_);
  for (Lingering& lingering : lingering_) lingering.until = next_check_;
}

void Engine::kill(Running& running, TimePoint now) {
  running.signal(SIGKILL);
  if (running.exited() || std::exchange(running.killed, true)) return;
  set_due(running, later(now, settings_.kill_patience));
}

/// It waits in the kernel, and may do so for ever. Its slot stays taken.
void Engine::call_unkillable(Running& running) {
  set_due(running, never);
  running.expect_end();
  if (running.is_fallback) return call_fallback_unkillable(running);
  if (running.exited() || std::exchange(running.unkillable, true)) return;
  if (running.told_to_end) --stopped_;
  scheduler_.set_unkillable(++unkillable_);
  display_.note(
      fmt::format("unkillable pid {}: job {} has survived SIGKILL for {}; it keeps its "
                  "slot, and the run ends without waiting for it",
                  running.pid(), number(running.job()), human(settings_.kill_patience)));
}

/// Where nothing but their end is left to wait for, be it that a probe or the next job in the order
/// of the output is among them: there has been patience with them.
bool Engine::give_up_unkillable(const Wait& wait) {
  const bool reader_is_slow = wait.gate == Gate::output && output_.is_behind();
  const bool told = wait.gate == Gate::pause || wait.gate == Gate::fleet;
  if (wait.until < never || told || reader_is_slow) return false;
  if (unkillable_ == 0 || scheduler_.running() > unkillable_) return false;
  for (auto it = running_.begin(); it != running_.end();) {
    Running& running = *it++;
    if (!running.unkillable || running.exited()) continue;
    running.given_up = true;
    give_up_child();
    running.abandon();
  }
  return true;
}

/// Does what is due by now, starts apart.
void Engine::on_time(TimePoint now) {
  while (!lingering_.empty() && lingering_.front().until <= now) {
    Running& running = *lingering_.front().running;
    lingering_.pop_front();
    finish(running);
  }
  while (!due_.empty() && due_.begin()->first <= now) on_due(*due_.begin()->second, now);
  if (stop_at_ <= now) escalate(Phase::stopping, 0);
  if (kill_at_ <= now) escalate(Phase::killing, 0);
  if (next_check_ <= now) look_after_stopped(now);
  if (leftovers_.next() <= now) look_for_leftovers(now);
  ended_.clear();
}

void Engine::set_due(Running& running, TimePoint due) {
  if (running.due != never) due_.erase({running.due, &running});
  running.due = due;
  if (due != never) due_.insert({due, &running});
}

/// It has ended: nothing is due any more, whatever was done to end it.
void Engine::call_off(Running& running) {
  if (running.unkillable) {
    scheduler_.set_unkillable(--unkillable_);
  } else if (running.told_to_end) {
    --stopped_;
  }
  set_due(running, never);
}

/// It takes too long, or does so although it was stopped.
void Engine::on_due(Running& running, TimePoint now) {
  if (running.killed) return call_unkillable(running);
  if (running.told_to_end) return kill(running, now);
  running.timed_out = true;
  end_alone(running, now);
}

void Engine::stop_for_now(Duration grace) {
  const TimePoint now = monotonic_now();
  for (Running& running : running_) {
    if (running.exited() || running.is_fallback) continue;  // fallbacks hold no places
    running.again = !running.timed_out && (running.again || !running.told_to_end);
    if (!running.told_to_end && !running.killed) end_alone(running, now);
    if (!running.killed && grace <= Duration{}) kill(running, now);
    if (!running.killed) set_due(running, std::min(running.due, later(now, grace)));
  }
}

void Engine::end_alone(Running& running, TimePoint now) {
  running.told_to_end = true;
  ++stopped_;
  set_due(running, later(now, settings_.kill_grace));
  next_check_ = std::min(next_check_, later(now, check_stopped_each));
  running.stop();
}

/// Its process; null where none runs.
Engine::Running* Engine::find_running(JobId id) {
  const auto running = std::find_if(running_.begin(), running_.end(),
                                    [&](const Running& r) { return r.job() == id && !r.exited(); });
  return running == running_.end() ? nullptr : &*running;
}

bool Engine::end_job(JobId id) {
  Running* const running = find_running(id);
  if (running == nullptr) return false;
  if (!running->told_to_end && !running->killed) end_alone(*running, monotonic_now());
  return true;
}

/// Takes the ends of stopped children whose groups have ended, too.
void Engine::look_after_stopped(TimePoint now) {
  const std::optional<std::unordered_set<pid_t>> busy = busy_groups();
  // The end of a process takes it out of the list.
  for (auto it = running_.begin(); it != running_.end();) {
    Running& running = *it++;
    const bool killed = running.killed || phase_ == Phase::killing;
    if (killed || (busy && !busy->contains(running.pid()))) running.reap();
  }
  const bool more = stopped_ > 0 || phase_ >= Phase::stopping;
  next_check_ = more ? later(now, check_stopped_each) : never;
}

void Engine::look_for_leftovers(TimePoint now) {
  std::unordered_set<pid_t> pids;
  std::unordered_set<JobId> jobs;
  if (hooks_ != nullptr) hooks_->add_pids(pids);
  for (const Running& running : running_) {
    if (running.exited()) continue;
    pids.insert(running.pid());
    jobs.insert(running.job());
  }
  leftovers_.sweep({[&](pid_t pid) { return pids.contains(pid); },
                    [&](JobId job) { return jobs.contains(job); }},
                   now);
}

/// Stops the jobs and ourselves, until CONT. That time counts for nothing.
void Engine::suspend() {
  for (const Running& running : running_) running.signal(SIGSTOP);
  if (hooks_ != nullptr) hooks_->signal(SIGSTOP);
  // The terminal is the shell's then.
  host_.console.set_status({});
  host_.console.flush();
  const TimePoint begin = monotonic_now();
  stop_worker();
  stopped_time() += monotonic_now() - begin;
  armed_ = TimePoint{};                                           // the timer must be set anew
  if (turns_ != nullptr) turns_->before_starts(monotonic_now());  // some may be overdue by now
  for (const Running& running : running_) running.signal(SIGCONT);
  if (hooks_ != nullptr) hooks_->signal(SIGCONT);
}

}  // namespace gentlify
