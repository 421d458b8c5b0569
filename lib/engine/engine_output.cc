// What the engine does with what jobs write: files of results, the order in which it is shown, and
// jobs that are held back where no more of it can be taken.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/engine.h"

namespace gentlify {

std::deque<Engine::Lingering>::iterator Engine::lingering(JobId job) {
  return std::find_if(lingering_.begin(), lingering_.end(),
                      [&](const Lingering& l) { return l.running->job() == job; });
}

std::string_view Engine::last_line_of(JobId id) {
  const Running* const running = find_running(id);
  return running == nullptr ? std::string_view() : running->output.last_line();
}

/// What an earlier attempt has left behind may write no more: its output comes before the next
/// one's.
void Engine::finish_lingering(JobId job) {
  const auto earlier = lingering(job);
  if (earlier == lingering_.end()) return;
  Running& running = *earlier->running;
  lingering_.erase(earlier);
  finish(running);
}

/// Opens the files for what the job will write; false where that fails, and it cannot start.
bool Engine::open_results(const Job& job, Results::Files& files) {
  const int error = results_ ? results_->open(job.id, job.attempts == 1, files) : 0;
  if (error == 0) return true;
  if (!Launcher::is_shortage(error)) fail_results(error);
  postpone(job.id, error);
  return false;
}

void Engine::fail_results(int error) {
  if (result_.results_error == 0) result_.results_error = error;
  escalate(Phase::draining, 0);
}

/// A job's meta.json comes last: where it is, the other files are whole.
void Engine::write_metas() {
  for (const JobId job : std::exchange(metas_due_, {})) {
    const std::string* line = meta_.find(job);
    // What lingers tells of its own end.
    if (line == nullptr || lingering(job) != lingering_.end()) continue;
    const int error = results_->write_meta(job, *line);
    if (Launcher::is_shortage(error) && !running_.empty()) {
      metas_due_.push_back(job);  // their end gives descriptors back
      continue;
    }
    meta_.forget(job);
    if (error != 0) fail_results(error);
  }
}

std::string Engine::tag_of(const Job& job, int slot) const {
  if (!settings_.tag) return {};
  const std::string tag = settings_.tag->text_of(job, slot);
  return (host_.console.is_terminal() ? escape(tag) : tag) + '\t';
}

void Engine::on_output(Process& process, Stream stream, std::string_view bytes) {
  auto& running = static_cast<Running&>(process);
  const int error = Results::write(running.files, stream, bytes);
  if (error != 0) fail_results(error);
  output_.take(running.output, stream, bytes);
}

void Engine::on_output_end(Process& process) {
  auto& running = static_cast<Running&>(process);
  std::erase_if(lingering_, [&](const Lingering& l) { return l.running == &running; });
  finish(running);
}

/// Shows the output, unless another attempt will have its own or the fallback goes on with it, and
/// lets go of the process.
void Engine::finish(Running& running) {
  running.close_output();
  if (running.fate == Fate::fallback) {
    output_.pass_on(running.output, fallbacks_->find(running.job())->output);
  } else {
    output_.end(running.output, running.fate != Fate::retry || settings_.all_attempts);
    if (running.fate != Fate::retry) output_.settle(running.job());
  }
  if (results_) metas_due_.push_back(running.job());
  ended_.splice(ended_.end(), running_, running.self);
}

/// Standard output decides whether going on makes sense.
void Engine::check_output() {
  hold_output_where_full();
  const int error = host_.console.output_error();
  if (error == 0 || result_.output_error != 0) return;
  result_.output_error = error;
  if (error == EPIPE) {
    escalate(Phase::stopping, SIGPIPE);
  } else {
    escalate(Phase::draining, 0);
  }
}

/// Our reader is slow, or no more output can be kept: then jobs wait with theirs, but for one.
void Engine::hold_output_where_full() {
  const bool behind = output_.is_behind() || (ledger_ != nullptr && ledger_->is_behind());
  const bool close = behind || output_.is_full() || output_.is_crowded();
  // What was written after the starts of this turn were planned may have made room for some.
  if (!close && scheduler_.is_closed(Gate::output)) more_to_start_ = true;
  scheduler_.set_closed(Gate::output, close, monotonic_now());
  // A reader that is slow is waited for by all.
  scheduler_.let_pass(behind ? JobId{} : output_.turn().value_or(JobId{}), output_.is_full());
  if (output_.is_full() && !output_.has_promoted()) promote();
  const bool hold = output_.wants_hold();
  const bool changed = std::exchange(output_held_, hold) != hold;
  if (!changed && !output_.has_promoted()) return;
  for (Running& running : running_) {
    const bool promoted = output_.is_promoted(running.output);
    if (changed || promoted) running.hold_output(promoted ? behind : hold);
  }
}

/// Lets the output of one job through, from its beginning.
void Engine::promote() {
  const std::optional<JobId> turn = output_.turn();
  const auto job = std::find_if(running_.begin(), running_.end(), [&](const Running& r) {
    return !r.exited() && r.output_open() && (!turn || *turn == r.job());
  });
  if (job == running_.end()) return;
  output_.promote(job->output);
  if (std::exchange(promoted_told_, true)) return;
  display_.note(fmt::format(
      "no more output can be kept ({}): that of job {} is shown as it comes, and twice if the job "
      "is run again; other jobs wait with theirs",
      output_.why_full(), number(job->job())));
}

}  // namespace gentlify
