// A throttle for the calls of one program: as many at once, and as many a second, as the service
// behind them takes. The controller, the gates and their settings are those of `gentlify` itself.
//
//   gentlify::Throttle throttle = gentlify::ThrottleSettings().toml("max_concurrency = 8").make();
//   {
//     gentlify::Throttle::Slot slot = throttle.acquire();   // waits for its turn
//     if (!call()) slot.failed();
//   }                                                       // gives the slot back
//   throttle.run([] { return call_that_throws(); });        // the same; an exception is a failure
//
// Threads: every member of Throttle may be called from any thread at any time. A Slot belongs to
// one thread at a time. There is no thread behind it: who waits in acquire() does the work.
//
// Times are durations of the steady clock, in nanoseconds: std::chrono::seconds(2) and the like
// convert to them. The weight of a call is what it takes of a token budget, or of a rate that
// counts cost, in the user's unit: 1..10^12. It takes one slot, whatever it weighs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include "lib/control/controller.h"
#include "lib/core/gate.h"
#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

/// The throttle was closed, before the call or while it waited for its turn.
class ThrottleClosed : public std::runtime_error {
 public:
  ThrottleClosed() : std::runtime_error("the throttle is closed") {}
};

/// The service is away, and the settings say that calls fail then: circuit_breaker.on_open = fail.
class CircuitOpen : public std::runtime_error {
 public:
  explicit CircuitOpen(Duration left)
      : std::runtime_error("the circuit is open: the service is away"), left_(left) {}

  /// How long no call will be let through.
  Duration left() const { return left_; }

 private:
  Duration left_;
};

class Throttle {
  class State;

 public:
  /// What is let through now.
  enum class Phase {
    running,       ///< calls, as the gates allow
    paused,        ///< none: by pause(), or because the service asked for that
    circuit_open,  ///< none, or probes only: the service is away
    closed,        ///< none ever again
  };

  /// How it stands at one moment.
  struct Snapshot {
    Phase phase = Phase::running;
    Circuit circuit = Circuit::closed;
    int limit = 1;      ///< calls that may be in flight, at least 1
    int in_flight = 0;  ///< slots that are out
    int waiting = 0;    ///< calls of acquire() that wait for their turn
    double rate = 0;    ///< calls that ended a second, over the last 10 s
    /// The least time between two starts, by the controller or a rate; 0: none.
    Duration interval{};
    /// What the first that waits waits for, and how long still (`Duration::max()`: not known).
    Gate gate = Gate::none;
    Duration opens_in{};
    /// How long the pause and the open circuit last still; `Duration::max()`: until resume().
    Duration pause_left{}, circuit_left{};
    // Counts since the beginning. Each call that was let through ends in one of four ways.
    std::uint64_t started = 0;
    std::uint64_t succeeded = 0, failed = 0, overloaded = 0, cancelled = 0;
    std::uint64_t refused = 0;  ///< not let through, since the circuit was open
    std::uint64_t gave_up = 0;  ///< not let through in the time that they had
  };

  /// The right to make one call, from acquire() to the end of its life or release(). Unless it is
  /// told otherwise the call has succeeded; what it is told last counts. Moved from or released it
  /// is empty, and what it is told has no effect. It may outlive the throttle.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot() { release(); }

    /// What the call really took, in the unit of its weight; 0 is nothing. The budget is settled
    /// with it when the slot is given back; else the weight stands.
    void record_tokens(Cost actual) { tokens_ = actual; }

    void succeeded() { tell(End::success); }
    /// Whether call or service is to blame is not known.
    void failed() { tell(End::failure); }
    /// The service said "slow down"; with `retry_after` nothing starts within that time, at most
    /// 365 days.
    void overloaded(std::optional<Duration> retry_after = {}) {
      tell(End::overload);
      retry_after_ = retry_after;
    }
    /// The call was not made, or was broken off by its caller: it says nothing about the service.
    void cancelled() { tell(End::cancelled); }
    bool was_told() const { return told_; }

    /// Gives the slot back now.
    void release() noexcept;
    explicit operator bool() const { return state_ != nullptr; }

   private:
    friend class Throttle;
    enum class End { success, failure, overload, cancelled };

    Slot(std::shared_ptr<State> state, JobId id) : state_(std::move(state)), id_(id) {}
    void tell(End end) {
      end_ = end;
      told_ = true;
      retry_after_.reset();
    }

    std::shared_ptr<State> state_;  // null: empty
    JobId id_{};
    End end_ = End::success;
    bool told_ = false;
    std::optional<Duration> retry_after_;
    std::optional<Cost> tokens_;
  };

  /// What try_acquire waits for. Nothing: for its turn, however long that takes.
  struct Wanted {
    std::optional<Cost> weight = {};       ///< nothing: the setting `cost`
    std::optional<Duration> timeout = {};  ///< 0: its turn is now or not at all
    std::stop_token stop = {};
  };

  /// Told how it stands. It is called by the thread that brought it about, with no lock held, one
  /// call at a time and in order; it may use the throttle. What it throws ends the program.
  using Listener = std::function<void(const Snapshot&)>;

  /// From gates of one's own. `weight` is that of calls that do not say theirs, from 1. Settings
  /// are read by ThrottleSettings: throttle_settings.h.
  explicit Throttle(Controller controller, Cost weight = 1);
  Throttle(Throttle&&) noexcept = default;
  Throttle& operator=(Throttle&&) = delete;
  /// Closes it; listeners are told nothing any more, unless a slot that is given back meanwhile is
  /// at it. No thread may be in a call of it; slots may be out.
  ~Throttle();

  /// Waits for a turn: those that came first go first. Throws ThrottleClosed, CircuitOpen, or
  /// std::invalid_argument where `weight` is 0 or more than the limits ever let through.
  Slot acquire(std::optional<Cost> weight = {});
  /// The same; nothing where the time is over or stop was requested before its turn came.
  std::optional<Slot> try_acquire(const Wanted& wanted);

  /// Runs `f`, or `f(slot)` where it takes a `Slot&`, in a slot and returns what it returns. What
  /// it throws is a failure, unless it has told the slot something else, and is passed on. Throws
  /// what acquire() does.
  template <class F>
  decltype(auto) run(F&& f, std::optional<Cost> weight = {}) {
    return run_in(state_, f, weight);
  }

  /// `f` with a turn to wait for before each call: wrap(f)(x) calls f(x) in a slot. It may be
  /// copied where `f` may, called by many threads where `f` may, and outlive the throttle, which is
  /// closed then.
  template <class F>
  auto wrap(F f, std::optional<Cost> weight = {}) {
    return [state = state_, f = std::move(f), weight](auto&&... args) mutable -> decltype(auto) {
      const auto call = [&]() -> decltype(auto) {
        return std::invoke(f, std::forward<decltype(args)>(args)...);
      };
      return run_in(state, call, weight);
    };
  }

  /// Nothing starts for so long, or until resume(). Of two pauses the one that ends later holds.
  void pause(Duration duration);
  void pause();
  /// Ends what pause() began; what the service asked for goes on.
  void resume();

  /// Nothing starts any more: who waits gets ThrottleClosed, and so does who comes. Not undone.
  void close();
  /// Closes it and waits until no slot is out. False where that takes longer than `timeout`.
  bool drain(std::optional<Duration> timeout = {});

  Snapshot snapshot() const;

  /// Called when the phase or the circuit changes. What only time brings about, as the end of a
  /// pause, is told with the next call that sees it. An empty one takes it back.
  void on_state(Listener listener);
  /// Called when a call has ended, was refused or gave up.
  void on_progress(Listener listener);

 private:
  static Slot take(const std::shared_ptr<State>& state, std::optional<Cost> weight);

  template <class F>
  static decltype(auto) run_in(const std::shared_ptr<State>& state, F& f,
                               std::optional<Cost> weight) {
    Slot slot = take(state, weight);
    try {
      if constexpr (std::is_invocable_v<F&, Slot&>) {
        return std::invoke(f, slot);
      } else {
        return std::invoke(f);
      }
    } catch (...) {
      if (!slot.was_told()) slot.failed();
      throw;
    }
  }

  std::shared_ptr<State> state_;
};

std::string_view name(Throttle::Phase phase);

}  // namespace gentlify
