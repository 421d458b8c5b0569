// Owns one running child: waits for its end, collects its output, signals its group.
#pragma once

#include <string>
#include <string_view>

#include "lib/core/job.h"
#include "lib/core/outcome.h"
#include "lib/engine/fd.h"
#include "lib/engine/report.h"
#include "lib/engine/spawn.h"
#include "lib/engine/watch.h"

namespace gentlify {

enum class Stream { out, err };

class Process {
 public:
  /// Who is told of a process. It may destroy the process only after the call has returned.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// The job wrote `bytes`.
    virtual void on_output(Process& process, Stream stream, std::string_view bytes) = 0;
    /// The child has ended and is reaped; what its pipes held then has been read.
    virtual void on_exit(Process& process) = 0;
    /// The last pipe has come to its end, after on_exit.
    virtual void on_output_end(Process& process) = 0;
  };

  /// The reading ends of a child's pipes, O_NONBLOCK; each may be empty.
  struct Pipes {
    Fd out, err, report;
  };

  /// Takes over a running child. One that still runs at our end is killed.
  Process(Watch& watch, Owner& owner, JobId job, Spawned child, Pipes pipes);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  JobId job() const { return job_; }
  pid_t pid() const { return pid_; }
  bool exited() const { return exited_; }
  /// Meaningful after on_exit.
  const Exit& exit() const { return exit_; }

  /// While held what the job writes stays in its pipes.
  void hold_output(bool held);
  bool output_open() const { return out_.fd || err_.fd; }
  /// What it has reported; nothing comes after on_exit.
  const Report& report() const { return reader_.report(); }
  void close_output();

  /// Sends `signal` to the child's process group.
  void signal(int signal) const;
  /// Ends the group gently: TERM, then CONT in case it is stopped. From now on the child's end
  /// counts only when `reap` is called, so that its number stays ours while its group lives.
  void stop();
  /// Takes the end of a child that `stop` has kept back, if it has come.
  void reap();
  /// Takes back what `stop` says of the child's end: it counts when it comes, or has come.
  void expect_end();
  /// Lets go of a child that does not end: as far as anyone is told, KILL has ended it.
  void abandon();

 private:
  /// One of the child's output pipes.
  struct Pipe : Watched {
    explicit Pipe(Process& owner) : process(owner) {}
    void on_ready(std::uint32_t events) override;
    /// Reads once; false where nothing is there now, or at the end, when the pipe is closed.
    bool read_once();
    /// Reads what is there now: a process that the job left behind may hold the pipe open.
    void read_rest();
    void close();

    /// What becomes of bytes that were read.
    virtual void take(std::string_view read);

    Process& process;
    Fd fd;
  };
  struct ReportPipe : Pipe {
    using Pipe::Pipe;
    void take(std::string_view read) override;
  };
  /// The pidfd.
  struct End : Watched {
    explicit End(Process& owner) : process(owner) {}
    void on_ready(std::uint32_t events) override;
    Process& process;
  };

  void watch(Pipe& pipe, Fd fd);
  void on_end();
  void let_go();

  Watch& watch_;
  Owner& owner_;
  JobId job_;
  pid_t pid_;
  Fd pidfd_;
  Exit exit_;
  bool exited_ = false;
  bool held_ = false;
  bool stopping_ = false;
  bool kept_back_ = false;  // ended, not reaped
  End end_{*this};
  Pipe out_{*this};
  Pipe err_{*this};
  ReportPipe report_{*this};
  ReportReader reader_;
};

}  // namespace gentlify
