// Commands of the user that are told how a run goes: --on-event and --on-retry. They are processes
// of the run, but nobody waits for them: they hold no slot, and whatever they do, the run goes on.
//
//   on_event   one call at a time; what is told meanwhile is collected for the next one, and where
//              it becomes too much, the oldest of it is dropped
//   on_retry   a call for each attempt that is to be made again, a few at a time; the others queue,
//              and where they become too many, the last ones are dropped
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lib/engine/hook_launcher.h"
#include "lib/engine/process.h"

namespace gentlify {

struct Host;

class Hooks : public Process::Owner {
 public:
  struct Settings {
    std::string on_event = {}, on_retry = {};  ///< command lines; empty: none
    Duration timeout{};                        ///< of a call; 0: none
    Duration kill_grace = std::chrono::seconds(5);
  };
  /// Says a sentence about the run.
  using Note = std::function<void(const std::string&)>;

  Hooks(Host& host, HookLauncher& launcher, Settings settings, Note note);
  ~Hooks() override;

  bool wants_events() const { return !settings_.on_event.empty() && !closed_; }
  bool wants_retries() const { return !settings_.on_retry.empty() && !closed_; }

  /// For --on-event, whole lines. The call starts in `look`.
  void tell(std::string_view lines);
  /// For --on-retry, which finds `record` on standard input.
  void tell_retry(const Job& job, std::string record);

  /// Starts what is to start and ends what takes too long. To be called once a turn of the loop.
  void look(TimePoint now);
  /// When to look though nothing happens.
  TimePoint next() const;

  /// Kills those that run, and starts no more.
  void end();
  /// The run is over: waits until all is told and all calls have ended, for a timeout at most.
  void finish();
  /// To all that run, and their groups.
  void signal(int signal) const;
  void add_pids(std::unordered_set<pid_t>& pids) const;

  /// What went wrong, in sentences.
  std::vector<std::string> complaints() const;

 private:
  enum class Kind { event, retry };
  enum class Stage { running, stopping, killed };
  struct Call : Process {
    Call(Watch& watch, Owner& owner, Kind of, Spawned child, Pipes pipes)
        : Process(watch, owner, JobId{}, std::move(child), std::move(pipes)), kind(of) {}
    Kind kind;
    Stage stage = Stage::running;
    TimePoint due = never;               // the next deadline of its stage
    std::size_t room = 4096;             // so much more of its output is shown
    std::array<std::string, 2> lines{};  // without their ends so far
    std::list<Call>::iterator self{};
  };
  struct Retry {
    Job job;
    std::string record;
  };
  struct Account {
    std::uint64_t calls = 0, failed = 0, dropped = 0;
  };

  void on_output(Process& process, Stream stream, std::string_view bytes) override;
  void on_exit(Process& process) override;
  void on_output_end(Process&) override {}

  void show(Call& call, std::string_view line) const;
  void start_some(TimePoint now);
  /// False: this machine is short of something.
  bool start(Kind kind, std::string_view input, const Job* job, TimePoint now);
  void fail(Kind kind, const std::string& why);
  void drop(Kind kind, std::uint64_t count);
  void on_due(Call& call, TimePoint now);
  void look_after_stopped(TimePoint now);
  int running(Kind kind) const;
  bool is_idle() const { return calls_.empty() && (closed_ || (lines_.empty() && queue_.empty())); }
  void wait(TimePoint end);
  Account& account(Kind kind) { return accounts_[static_cast<std::size_t>(kind)]; }

  Host& host_;
  HookLauncher& launcher_;
  Settings settings_;
  Note note_;
  std::string lines_;        // to be told
  std::deque<Retry> queue_;  // calls of on_retry that wait
  std::size_t queued_bytes_ = 0;
  std::list<Call> calls_;
  std::list<Call> ended_;  // to be destroyed once no call of theirs is on the stack
  std::array<Account, 2> accounts_{};
  TimePoint not_before_{};        // this machine was short of something
  TimePoint next_check_ = never;  // of calls that are being stopped
  bool closed_ = false;
};

}  // namespace gentlify
