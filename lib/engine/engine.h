// Runs the jobs that the scheduler starts. One thread, one loop:
//
//   pump: start what may start; then wait for the next event.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <deque>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/control/halt.h"
#include "lib/control/scheduler.h"
#include "lib/core/ledger.h"
#include "lib/core/turns.h"
#include "lib/engine/classify.h"
#include "lib/engine/clock.h"
#include "lib/engine/console.h"
#include "lib/engine/environment.h"
#include "lib/engine/fallbacks.h"
#include "lib/engine/guardian.h"
#include "lib/engine/hooks.h"
#include "lib/engine/input/source.h"
#include "lib/engine/launcher.h"
#include "lib/engine/leftovers.h"
#include "lib/engine/meta.h"
#include "lib/engine/oom.h"
#include "lib/engine/output.h"
#include "lib/engine/pressure.h"
#include "lib/engine/process.h"
#include "lib/engine/results.h"
#include "lib/engine/signals.h"
#include "lib/engine/spool.h"
#include "lib/engine/template.h"
#include "lib/engine/watch.h"

namespace gentlify {

/// What shows the run to a person. It is asked each turn of the loop.
class Display : public EventSink {
 public:
  /// Brings what is shown up to date; returns when it wants to be asked again.
  virtual TimePoint refresh(TimePoint now) = 0;
  /// Says at once how the run stands.
  virtual void show_state(TimePoint now) = 0;
  /// Says a sentence about the run.
  virtual void note(const std::string& sentence) = 0;
};

struct EngineSettings {
  OutputMode output = OutputMode::group;
  /// What goes before each line of a job's output, with a tab in between; none: nothing.
  std::optional<Template> tag = {};
  bool keep_order = false;    ///< show what jobs write in the order of the jobs
  bool all_attempts = false;  ///< also the output of attempts that are made again
  std::string results = {};   ///< the directory for files of what jobs write; empty: none
  bool goes_on = false;       ///< that may hold what earlier runs of the same jobs have left
  ExitLists exits;
  Patterns patterns;         ///< for jobs' stderr; none where output is inherited
  Duration timeout{};        ///< of an attempt; 0: none
  Duration drain_timeout{};  ///< then jobs that still run are stopped; 0: none
  Duration kill_grace = std::chrono::seconds(5);
  Duration kill_patience = gentlify::kill_patience;
  /// What an attempt is expected to cost, where its item does not say.
  Cost cost = 1;
  Leftover leftover = Leftover::kill;
  Launcher::Settings launch;
  Pressure::Settings pressure;
  /// No job is run: each ends at once, and well. For tests of all that is around it.
  bool pretend = false;
};

/// The loop and the streams that more than the engine needs.
struct Host {
  /// Throws std::system_error where descriptors are short.
  Host();

  /// Writes what the console still holds, for `patience` at most.
  void flush(Duration patience);

  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  Watch watch{io};
  Spool spool{{}};
  Console console{watch, spool};
};

class Engine : public Process::Owner, public EventSink {
 public:
  struct Result {
    int signal = 0;         ///< the last one that asked us to end, SIGPIPE included; 0: none
    int output_error = 0;   ///< errno of standard output; 0: all was written
    int results_error = 0;  ///< errno of the first file of results that could not be written
    int start_error = 0;    ///< errno of the last start, where this machine was short of something
    std::uint64_t taken = 0;     ///< items that were given to the scheduler, and not taken back
    std::uint64_t not_read = 0;  ///< items that were seen in the input but never taken
    bool killed = false;         ///< the jobs were killed; nobody is to be waited for
    bool input_complete = true;  ///< no further items can have followed those
  };

  /// The engine must hear the scheduler's events; `halt` and `display` hear the same ones.
  Engine(Host& host, const EngineSettings& settings, Scheduler& scheduler, Halt& halt,
         Source& source, const Template& command, Environment& environment, Display& display);
  ~Engine() override;

  void on_event(const Event& event, TimePoint now) override;

  /// From here on a job starts only when that is in `ledger`, and what it wrote is shown only when
  /// its end is. It must outlive the run.
  void keep(Ledger& ledger) { ledger_ = &ledger; }

  /// Hooks are looked after while the run goes. They must outlive us.
  void look_after(Hooks& hooks) { hooks_ = &hooks; }
  /// It has its turns. It must outlive us.
  void turn_to(Turns& turns) { turns_ = &turns; }
  /// The scheduler expects fallbacks, and this is where they are. It must outlive us.
  void fall_back(Fallbacks& fallbacks) { fallbacks_ = &fallbacks; }

  /// Runs until every job is settled or the run was ended. Signals are ours from here on.
  Result run();

  // For who steers the run from outside, in the turns of the loop.

  /// Drains the run, or stops it, as a first SIGTERM and a second one do.
  void end_as_told(bool stop) { escalate(stop ? Phase::stopping : Phase::draining, SIGTERM); }
  /// The run cannot go on: starts nothing more.
  void end_for_want() { escalate(Phase::draining, 0); }
  bool is_ending() const { return phase_ != Phase::running; }
  /// Stops all that runs, to be run again; what still lives after `grace` is killed.
  void stop_for_now(Duration grace);
  /// Another host has it: it does not start here any more. What runs, runs on.
  void withdraw(JobId id) { scheduler_.withdraw(id, monotonic_now()); }
  /// Stops a job for good, as a timeout does; false where it does not run.
  bool end_job(JobId id);
  /// What a job that runs has written last; nothing where it does not run.
  std::string_view last_line_of(JobId id);

 private:
  enum class Phase { running, draining, stopping, killing };
  /// A process, in the list until its output is done with.
  struct Running : Process {
    Running(Host& host, Owner& owner, JobId job, Spawned child, Pipes pipes, std::string tag)
        : Process(host.watch, owner, job, std::move(child), std::move(pipes)),
          output(host.spool, job, std::move(tag)) {}

    JobOutput output;
    Results::Files files;
    Fate fate = Fate::not_done;
    bool first = true;  // its first attempt
    bool is_fallback = false;
    TimePoint began{};         // of a fallback
    bool told_to_end = false;  // it alone
    bool timed_out = false;    // why
    bool again = false;        // it was stopped only for now
    bool killed = false;
    bool unkillable = false;
    bool given_up = false;  // and is alive, for all we know
    Duration timeout{};     // 0: none
    TimePoint due = never;  // its next deadline: the timeout, then the end of the grace
    std::list<Running>::iterator self;
  };
  struct Lingering {
    Running* running = nullptr;
    TimePoint until;
  };

  static OutputMode captured(const EngineSettings& settings);

  void pump();
  bool plan_starts();
  bool feed();
  void start_planned();
  void put_back(const Start& planned);
  void commit();
  void start(const Job& job, int slot);
  void pretend(const Job& job);
  std::deque<Lingering>::iterator lingering(JobId job);
  void finish_lingering(JobId job);
  bool open_results(const Job& job, Results::Files& files);
  void fail_results(int error);
  void write_metas();
  std::string tag_of(const Job& job, int slot) const;
  void postpone(JobId job, int error);
  void postpone(Running& running, int error);
  void fail_unstarted(const Job& job, const Outcome& outcome);
  void start_fallbacks(TimePoint now);
  bool start_fallback(JobId job, TimePoint now);
  void run_fallback(Fallbacks::Waiting& waiting, Launcher::Launched launched, Results::Files files,
                    TimePoint now);
  void do_without_fallback(JobId job, const Outcome& outcome, TimePoint now);
  void tell_of_fallback(JobId job, const Outcome& outcome);
  void on_fallback_exit(Running& running);
  void call_fallback_unkillable(Running& running);
  void on_output(Process& process, Stream stream, std::string_view bytes) override;
  void on_exit(Process& process) override;
  void on_output_end(Process& process) override;
  Said hear(const Running& running, TimePoint now);
  void hold_output_where_full();
  void promote();
  void let_linger(Running& running, TimePoint now);
  void finish(Running& running);
  void settle(JobId job);
  void check_output();
  void check_halt();
  void check_pressure(TimePoint now);
  TimePoint end_of(const Wait& wait);

  void on_signal(int signal);
  void escalate(Phase phase, int signal);
  void drain();
  void stop();
  void kill();
  void kill(Running& running, TimePoint now);
  void call_unkillable(Running& running);
  bool give_up_unkillable(const Wait& wait);
  void on_time(TimePoint now);
  void set_due(Running& running, TimePoint due);
  void call_off(Running& running);
  void on_due(Running& running, TimePoint now);
  Running* find_running(JobId id);
  void end_alone(Running& running, TimePoint now);
  void look_after_stopped(TimePoint now);
  void look_for_leftovers(TimePoint now);
  void suspend();
  void sleep_until(TimePoint wake);

  Host& host_;
  EngineSettings settings_;
  Scheduler& scheduler_;
  Halt& halt_;
  Source& source_;
  Display& display_;
  Ledger* ledger_ = nullptr;
  Hooks* hooks_ = nullptr;
  Fallbacks* fallbacks_ = nullptr;
  Turns* turns_ = nullptr;
  Signals signals_;
  Listener listener_;
  boost::asio::steady_timer timer_;
  TimePoint armed_ = never;

  Launcher launcher_;
  Output output_;
  std::optional<Results> results_;
  Meta meta_;
  std::vector<Start> planned_;    // by this turn of the loop
  std::vector<JobId> metas_due_;  // for their meta.json, where they are settled

  std::list<Running> running_;
  std::list<Running> ended_;         // to be destroyed once no call of theirs is on the stack
  std::deque<Lingering> lingering_;  // ended, with a pipe still open; in order of their deadlines
  std::set<std::pair<TimePoint, Running*>> due_;
  int fallbacks_running_ = 0;
  bool fallback_failed_ = false;  // one, and have said so
  int stopped_ = 0;               // attempts told to end that have not yet, those unkillable apart
  int unkillable_ = 0;
  Leftovers leftovers_;
  Pressure pressure_;
  OomKills oom_kills_;
  std::uint64_t items_ = 0;  // the last one's number
  Phase phase_ = Phase::running;
  TimePoint next_start_ = never;
  TimePoint next_display_ = never;
  TimePoint next_check_ = never;  // of children kept back while we stop
  TimePoint stop_at_ = never;
  TimePoint kill_at_ = never;
  int last_signal_ = 0;
  TimePoint last_signal_at_{};
  bool guardian_is_dead_ = false;
  bool output_held_ = false;
  bool promoted_told_ = false;
  bool puzzled_ = false;  // and have said so
  bool more_to_start_ = false;
  bool done_ = false;
  Result result_;
};

}  // namespace gentlify
