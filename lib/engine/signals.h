// Signals as events of the loop. They stay blocked and no handler is ever installed, so a child
// made with vfork semantics cannot run one of ours.
#pragma once

#include <csignal>
#include <functional>

#include "lib/engine/fd.h"
#include "lib/engine/watch.h"

namespace gentlify {

class Signals : private Watched {
 public:
  /// Blocks INT, TERM, HUP, QUIT, TSTP, USR1, USR2, PIPE and the signal of a dead guardian for good
  /// and delivers them, all but PIPE, to `on_signal`. INT, HUP, QUIT and TSTP that were ignored
  /// when we started (nohup, `cmd &`) stay so; other signals that were ignored get their default
  /// back, for us and so for our jobs.
  Signals(Watch& watch, std::function<void(int)> on_signal);
  ~Signals() override;

 private:
  void on_ready(std::uint32_t events) override;

  Watch& watch_;
  std::function<void(int)> on_signal_;
  Fd fd_;
};

/// A signal that ends a run waits to be delivered: for who works where no loop runs any more.
bool end_is_asked_for();

/// What our parent wished: it is passed on to jobs.
bool is_ignored(int signal);

/// Ends this process by `signal`, as if it had never been caught; never returns.
[[noreturn]] void die_of(int signal);

}  // namespace gentlify
