#include "lib/engine/engine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/process_group.h"

namespace gentlify {

namespace {

/// Output of a job that comes after its end, from processes it left behind, is taken for so long.
constexpr Duration late_output = std::chrono::seconds(2);
/// Signals of one kind within this time count once: terminals and supervisors send them doubled.
constexpr Duration same_signal = std::chrono::milliseconds(250);
/// How often the group of a stopped child is looked at.
constexpr Duration check_stopped_each = std::chrono::milliseconds(20);
/// So many steps in one turn of the loop: a signal must not wait until a thousand jobs are started.
constexpr int starts_each_turn = 64;
/// With so much output waiting for its reader nothing starts.
constexpr std::size_t output_limit = 1 << 20;
constexpr std::size_t last_line_limit = 200;
/// Of stderr so much is looked at for what the job says.
constexpr std::size_t tail_size = 64 * 1024;
/// A longer line is shown in pieces.
constexpr std::size_t longest_line = 1 << 20;

std::string last_line(std::string_view bytes) {
  const std::size_t end = bytes.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  bytes = bytes.substr(0, end + 1);
  return std::string(bytes.substr(bytes.rfind('\n') + 1).substr(0, last_line_limit));
}

/// `tag` before each line, the first one too where it `begins` there.
std::string with_tags(std::string_view tag, std::string_view bytes, bool begins) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (begins) out += tag;
    out += bytes.substr(0, n);
    bytes.remove_prefix(n);
    begins = true;
  }
  return out;
}

struct PipeEnds {
  Fd read, write;

  /// Makes the pipe; false and errno where there is none to be had.
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

/// Throws Error where it cannot be opened.
Fd open_directory(const std::string& path) {
  Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory) return directory;
  throw Error(ExitCode::bad_config,
              fmt::format("--workdir {}: {}", shell_quote(path), std::strerror(errno)));
}

bool is_shortage(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

}  // namespace

Host::Host() try {
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
      template_(command),
      environment_(environment),
      display_(display),
      signals_(host.watch, [this](int signal) { on_signal(signal); }),
      listener_(settings.patterns),
      timer_(host.io),
      null_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      leftovers_(environment.run_id(), settings.leftover == Leftover::kill),
      later_out_(host.spool),
      later_err_(host.spool) {
  if (!null_) throw std::system_error(errno, std::generic_category(), "/dev/null");
  if (settings_.output == OutputMode::inherit) host_.console.share_output();
  if (!settings_.workdir.empty()) directory_ = open_directory(settings_.workdir);
  if (settings_.nice > 0) nice_ = std::min(19, ::getpriority(PRIO_PROCESS, 0) + settings_.nice);
  const std::optional<std::string> program = template_.fixed_program();
  if (!program) return;
  program_ = find_program(*program, directory_ ? directory_.get() : AT_FDCWD);
  if (program_.error == 0) return;
  throw Error(program_.error == ENOENT ? ExitCode::not_found : ExitCode::not_executable,
              fmt::format("{}: {}", shell_quote(*program),
                          program_.error == ENOENT ? "no such program" : "it is not executable"));
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
  result_.taken = items_;
  result_.not_read = rest.items;
  result_.input_complete = rest.complete;
  return result_;
}

/// One turn: start what may start; then note what to wait for.
void Engine::pump() {
  ended_.clear();
  const TimePoint now = monotonic_now();
  on_time(now);
  check_output();
  bool all_settled = false;
  more_to_start_ = true;
  for (int turns = 0; more_to_start_ && turns < starts_each_turn; ++turns) {
    check_halt();
    const Step step = scheduler_.next(monotonic_now());
    more_to_start_ = false;
    next_start_ = never;
    if (const auto* start = std::get_if<Start>(&step)) {
      this->start(start->job, start->slot);
      more_to_start_ = true;
    } else if (const auto* wait = std::get_if<Wait>(&step)) {
      next_start_ = wait->until;
      const bool held = wait->gate == Gate::pause || wait->gate == Gate::output;
      if (wait->until == never && !held && scheduler_.running() == 0) {
        throw std::logic_error("nothing runs and nothing is due, but jobs are left");
      }
    } else if (const auto* need = std::get_if<NeedInput>(&step)) {
      next_start_ = need->until;
      more_to_start_ = feed();
    } else {
      all_settled = true;
    }
  }
  if (scheduler_.hopeless(now)) drain();
  next_display_ = display_.refresh(now);
  host_.console.flush();
  check_output();  // the very last write may be the one that fails
  done_ =
      all_settled && running_.empty() && (host_.console.pending() == 0 || phase_ == Phase::killing);
  if (!done_) {
    const TimePoint linger = lingering_.empty() ? never : lingering_.front().until;
    sleep_until(std::min({next_start_, next_display_, next_check_, stop_at_, kill_at_,
                          due_.empty() ? never : due_.begin()->first, linger, leftovers_.next(),
                          halt_.next()}));
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
  job.id = JobId{++items_};
  if (job.defect.empty() && job.item.size() > largest_argument) {
    job.defect = fmt::format("an item of {} bytes is over the system's limit of {} for an argument",
                             job.item.size(), largest_argument);
  }
  scheduler_.add(std::move(job), monotonic_now());
  return true;
}

void Engine::start(const Job& job, int slot) {
  const std::string problem = template_.expand(job, slot, argv_);
  if (!problem.empty()) return fail_unstarted(job, {Verdict::permanent, {}, problem, {}});
  const bool inherits = settings_.output == OutputMode::inherit;
  const bool discards = settings_.output == OutputMode::discard;
  PipeEnds out;
  PipeEnds err;
  PipeEnds report;
  if ((!inherits && ((!discards && !out.open()) || !err.open())) ||
      (settings_.reports && !report.open())) {
    return postpone(job, errno);
  }
  const int job_out = inherits ? 1 : discards ? null_.get() : out.write.get();
  Spawned child = spawn_job(job, slot, job_out, inherits ? 2 : err.write.get(), report.write.get());
  switch (child.result) {
    case Spawned::Result::running: break;
    case Spawned::Result::no_child: return postpone(job, child.error);
    case Spawned::Result::no_exec:
      if (is_shortage(child.error)) return postpone(job, child.error);
      return fail_unstarted(job, classify({Exit::Kind::unstarted, child.error}, settings_.exits));
  }
  result_.start_error = 0;
  scheduler_.on_started();
  running_.emplace_back(
      host_, *this, job.id, std::move(child),
      Process::Pipes{std::move(out.read), std::move(err.read), std::move(report.read)});
  Running& running = running_.back();
  running.self = std::prev(running_.end());
  if (settings_.tag) running.tag = tag_of(job, slot);
  if (settings_.timeout > Duration{}) set_due(running, later(monotonic_now(), settings_.timeout));
}

std::string Engine::tag_of(const Job& job, int slot) const {
  const std::string tag = settings_.tag->text_of(job, slot);
  return (host_.console.is_terminal() ? escape(tag) : tag) + '\t';
}

/// This machine is short of something: the job goes back and no attempt is spent.
void Engine::postpone(const Job& job, int error) {
  result_.start_error = error;
  scheduler_.on_start_failed(job.id, monotonic_now(), error);
}

void Engine::fail_unstarted(const Job& job, const Outcome& outcome) {
  scheduler_.on_end(job.id, monotonic_now(), outcome);
}

Spawned Engine::spawn_job(const Job& job, int slot, int out, int err, int report) {
  Program found;
  if (program_.path.empty()) {
    found = find_program(argv_.front(), directory_ ? directory_.get() : AT_FDCWD);
    if (found.error != 0) {
      Spawned none;
      none.result = Spawned::Result::no_exec;
      none.error = found.error;
      return none;
    }
  }
  const std::string& path = program_.path.empty() ? found.path : program_.path;
  argv_pointers_.clear();
  for (std::string& word : argv_) argv_pointers_.push_back(word.data());
  argv_pointers_.push_back(nullptr);
  SpawnRequest request;
  request.path = path.c_str();
  request.argv = argv_pointers_.data();
  request.envp = environment_.of(job, slot);
  request.in = null_.get();
  request.out = out;
  request.err = err;
  request.report = report;
  request.open_files = settings_.job_open_files;
  request.directory = directory_.get();
  request.nice = nice_;
  Spawned child = spawn(request);
  if (child.result != Spawned::Result::no_exec || child.error != ENOEXEC) return child;
  // A script without "#!" runs through the shell, as with execvp.
  std::string shell = "/bin/sh";
  std::string script = path;
  argv_pointers_.front() = script.data();
  argv_pointers_.insert(argv_pointers_.begin(), shell.data());
  request.path = shell.c_str();
  request.argv = argv_pointers_.data();
  return spawn(request);
}

void Engine::on_exit(Process& process) {
  auto& running = static_cast<Running&>(process);
  const TimePoint now = monotonic_now();
  Outcome outcome = classify(process.exit(), settings_.exits, hear(running, now));
  outcome.last_line = last_line(running.err_tail);
  if (running.timed_out) {
    --stopped_;
    outcome.timed_out = true;
    outcome.reason = "timeout after " + human(settings_.timeout);
    if (outcome.verdict != Verdict::overload) outcome.verdict = Verdict::failure;
  }
  set_due(running, never);
  leftovers_.look_later(now);
  if (phase_ >= Phase::stopping && outcome.verdict != Verdict::success) {
    outcome.verdict = Verdict::stopped;
  }
  running.fate = scheduler_.on_end(process.job(), now, outcome);
  if (process.output_open() && phase_ < Phase::stopping) {
    lingering_.push_back({&running, later(now, late_output)});
  } else {
    finish(running);
  }
}

void Engine::on_output(Process& process, Stream stream, std::string_view bytes) {
  auto& running = static_cast<Running&>(process);
  if (stream == Stream::err) {
    running.err_tail += bytes;
    if (running.err_tail.size() > 2 * tail_size) {
      running.err_tail.erase(0, running.err_tail.size() - tail_size);
    }
  }
  switch (settings_.output) {
    case OutputMode::line: return take_lines(running, stream, bytes);
    case OutputMode::inherit:
    case OutputMode::discard: return;
    case OutputMode::group: break;
  }
  std::string text;
  if (settings_.tag) {
    text = with_tags(running.tag, bytes, running.kept(stream).last() == '\n');
    bytes = text;
  }
  Kept& kept = running.kept(stream);
  kept.add(bytes);
  if (&running == promoted_) {
    if (stream == Stream::out) {
      host_.console.out(std::move(kept));
    } else {
      host_.console.err(std::move(kept));
    }
  }
}

/// Shows the lines that are whole; one without end is shown in pieces.
void Engine::take_lines(Running& running, Stream stream, std::string_view bytes) {
  std::string& line = running.lines[static_cast<int>(stream)];
  line += bytes;
  const std::size_t newline = line.rfind('\n');
  std::size_t n = newline == std::string::npos ? 0 : newline + 1;
  if (line.size() - n > longest_line) n = line.size();
  if (n == 0) return;
  const std::string_view whole = std::string_view(line).substr(0, n);
  const std::string text = settings_.tag ? with_tags(running.tag, whole, true) : std::string(whole);
  if (stream == Stream::out) {
    host_.console.out(text);
  } else {
    host_.console.err(text);
  }
  line.erase(0, n);
}

/// What the job said. The first thing in a run that nobody understands gets a note.
Said Engine::hear(const Running& running, TimePoint now) {
  Said said = listener_.listen(running.report(), running.err_tail, now, wall_now());
  if (!said.puzzle.empty() && !puzzled_) {
    puzzled_ = true;
    display_.note(fmt::format("job {} {}: ignored, and so is what else is like it",
                              number(running.job()), said.puzzle));
  }
  return said;
}

void Engine::on_output_end(Process& process) {
  auto& running = static_cast<Running&>(process);
  std::erase_if(lingering_, [&](const Lingering& l) { return l.running == &running; });
  finish(running);
}

/// Shows the output, unless another attempt will have its own, and lets go of the process.
void Engine::finish(Running& running) {
  running.close_output();
  for (const Stream stream : {Stream::out, Stream::err}) {
    if (!running.lines[static_cast<int>(stream)].empty()) take_lines(running, stream, "\n");
    Kept& kept = running.kept(stream);
    if (settings_.tag && kept.last() != '\n') kept.add("\n");
    if (running.fate == Fate::retry && !settings_.all_attempts) kept.clear();
  }
  const bool waits = promoted_ != nullptr && promoted_ != &running;
  if (waits) {
    later_out_.append(std::move(running.out));
    later_err_.append(std::move(running.err));
  } else {
    host_.console.out(std::move(running.out));
    host_.console.err(std::move(running.err));
  }
  if (promoted_ == &running) {
    promoted_ = nullptr;
    host_.console.out(std::move(later_out_));
    host_.console.err(std::move(later_err_));
  }
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
  const bool behind = host_.console.pending() > output_limit;
  const bool full = host_.spool.is_full();
  scheduler_.set_closed(Gate::output, behind || full, monotonic_now());
  if (full && promoted_ == nullptr) promote();
  const bool hold = full || (behind && settings_.output == OutputMode::line);
  const bool changed = hold != output_held_;
  output_held_ = hold;
  if (changed) {
    for (Running& running : running_) running.hold_output(hold && &running != promoted_);
  }
  if (promoted_ != nullptr) promoted_->hold_output(behind);
}

/// Lets the output of one job through, from its beginning.
void Engine::promote() {
  const auto job = std::find_if(running_.begin(), running_.end(),
                                [](const Running& r) { return !r.exited() && r.output_open(); });
  if (job == running_.end()) return;
  promoted_ = &*job;
  host_.console.out(std::move(job->out));
  host_.console.err(std::move(job->err));
  if (!promoted_told_) {
    promoted_told_ = true;
    display_.note(fmt::format(
        "no more output can be kept: that of job {} is shown as it comes, and what of it was shown "
        "stays, also where the job is run again; others wait",
        number(job->job())));
  }
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

void Engine::on_signal(int signal) {
  const TimePoint now = monotonic_now();
  if (signal == SIGUSR1) return display_.show_state(now);
  if (signal == SIGUSR2) {
    return scheduler_.set_closed(Gate::pause, !scheduler_.is_closed(Gate::pause), now);
  }
  if (signal == SIGTSTP) return suspend();
  if (signal == guardian_died()) {
    guardian_is_dead_ = true;
    return escalate(Phase::killing, SIGKILL);
  }
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
  display_.on_event(
      event::Stopping{scheduler_.running(), settings_.kill_grace, result_.output_error == EPIPE},
      now);
  for (Running& running : running_) running.stop();
  for (Lingering& lingering : lingering_) lingering.until = now;
}

void Engine::kill() {
  stop_at_ = kill_at_ = never;
  next_check_ = monotonic_now();
  display_.on_event(event::Stopping{scheduler_.running(), Duration{}, false}, next_check_);
  for (Running& running : running_) running.signal(SIGKILL);
  for (Lingering& lingering : lingering_) lingering.until = next_check_;
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

/// It takes too long, or does so although it was stopped.
void Engine::on_due(Running& running, TimePoint now) {
  if (running.timed_out) {
    set_due(running, never);
    running.killed = true;
    running.signal(SIGKILL);
    return;
  }
  running.timed_out = true;
  ++stopped_;
  set_due(running, later(now, settings_.kill_grace));
  next_check_ = std::min(next_check_, later(now, check_stopped_each));
  running.stop();
}

/// Takes the ends of stopped children whose groups have ended, too.
void Engine::look_after_stopped(TimePoint now) {
  const std::unordered_set<pid_t> busy = busy_groups();
  // The end of a process takes it out of the list.
  for (auto it = running_.begin(); it != running_.end();) {
    Running& running = *it++;
    const bool killed = running.killed || phase_ == Phase::killing;
    if (killed || !busy.contains(running.pid())) running.reap();
  }
  const bool more = stopped_ > 0 || phase_ >= Phase::stopping;
  next_check_ = more ? later(now, check_stopped_each) : never;
}

void Engine::look_for_leftovers(TimePoint now) {
  std::unordered_set<pid_t> pids;
  std::unordered_set<JobId> jobs;
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
  const TimePoint begin = monotonic_now();
  ::raise(SIGSTOP);
  stopped_time() += monotonic_now() - begin;
  armed_ = TimePoint{};  // the timer must be set anew
  for (const Running& running : running_) running.signal(SIGCONT);
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
