#include "lib/throttle/throttle.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <variant>

#include "lib/control/rolling_sum.h"
#include "lib/control/scheduler.h"

namespace gentlify {

namespace {

constexpr Duration rate_window = std::chrono::seconds(10);
constexpr Duration rate_grain = std::chrono::milliseconds(100);
constexpr Duration longest = std::chrono::hours(24 * 365);
constexpr Cost most_weight = 1'000'000'000'000;

TimePoint clock_now() {
  return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

Duration left(TimePoint until, TimePoint now) {
  return until == never ? Duration::max() : std::max(Duration{}, until - now);
}

/// Who calls runs a call again, or does not.
Retry no_retry() {
  RetrySettings settings;
  settings.max_attempts = 1;
  settings.overload = 0;
  return {settings, 0};
}

}  // namespace

/// A scheduler and those who wait for it, under one lock. Each call of acquire() is a job, in the
/// order of arrival. The one that is first in line wakes when the scheduler said to ask again, and
/// asks for all; the others sleep until they are let through.
class Throttle::State : public EventSink {
 public:
  State(Controller controller, Cost weight)
      : weight_(weight),
        scheduler_(std::move(controller), no_retry(), *this),
        begun_(clock_now()),
        ends_(rate_window, rate_grain) {}

  /// Nothing: not in time. The id is that of the slot.
  std::optional<JobId> acquire(const Wanted& wanted);
  void release(JobId id, const Outcome& outcome);

  void pause(TimePoint until);
  void resume();
  void close();
  bool drain(std::optional<Duration> timeout);
  Snapshot snapshot();
  void listen(Listener& to, Listener listener);

  Listener& state_listener() { return on_state_; }
  Listener& progress_listener() { return on_progress_; }

  void on_event(const Event& event, TimePoint now) override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  /// Lives where it waits.
  struct Waiter {
    enum class Turn { waits, admitted, refused, misfit, closed };
    JobId id{};
    Turn turn = Turn::waits;
    bool stopped = false;
    Duration circuit_left{};
    std::string why;  // of a misfit
    std::condition_variable changed;

    void set(Turn to) {
      turn = to;
      changed.notify_one();
    }
  };
  struct Notice {
    Listener listener;
    Snapshot snapshot;
  };

  void begin(Waiter& waiter, Cost weight);
  void wait(Waiter& waiter, TimePoint deadline, Lock& lock);
  void leave(Waiter& waiter, TimePoint now);
  void drive(TimePoint now);
  Phase phase(TimePoint now) const;
  Snapshot look(TimePoint now);
  void note_state(TimePoint now);
  void note_progress(TimePoint now);
  void tell(Lock& lock) noexcept;

  std::mutex mutex_;
  const Cost weight_;
  Scheduler scheduler_;
  const TimePoint begun_;
  RollingSum ends_;  // of calls, for the rate
  std::map<JobId, Waiter*> waiters_;
  std::uint64_t ids_ = 0;
  TimePoint next_at_ = never;  // the scheduler is to be asked again
  bool closed_ = false;
  std::condition_variable idle_;
  Snapshot counts_;  // its counts only
  Phase told_phase_ = Phase::running;
  Circuit told_circuit_ = Circuit::closed;
  Listener on_state_, on_progress_;
  std::deque<Notice> notices_;
  bool telling_ = false;
};

std::optional<JobId> Throttle::State::acquire(const Wanted& wanted) {
  const Cost weight = wanted.weight.value_or(weight_);
  if (weight < 1 || weight > most_weight) {
    throw std::invalid_argument("a weight must be from 1 to 10^12");
  }
  Waiter waiter;
  // It ends after the lock has been given back, as the callback takes that.
  const std::stop_callback on_stop(wanted.stop, [&] {
    const std::lock_guard lock(mutex_);
    waiter.stopped = true;
    waiter.changed.notify_one();
  });
  Lock lock(mutex_);
  if (closed_) throw ThrottleClosed();
  const TimePoint deadline =
      wanted.timeout ? later(clock_now(), std::max(*wanted.timeout, Duration{})) : never;
  begin(waiter, weight);
  wait(waiter, deadline, lock);
  switch (waiter.turn) {
    case Waiter::Turn::waits: return {};
    case Waiter::Turn::admitted: return waiter.id;
    case Waiter::Turn::refused: throw CircuitOpen(waiter.circuit_left);
    case Waiter::Turn::misfit: throw std::invalid_argument(waiter.why);
    case Waiter::Turn::closed: break;
  }
  throw ThrottleClosed();
}

void Throttle::State::begin(Waiter& waiter, Cost weight) {
  waiter.id = JobId{++ids_};
  waiters_.emplace(waiter.id, &waiter);
  Job job;
  job.id = waiter.id;
  job.cost = weight;
  const TimePoint now = clock_now();
  scheduler_.add(std::move(job), now);
  drive(now);
}

/// Until its turn has come, or will not come. One that still waits then has left.
void Throttle::State::wait(Waiter& waiter, TimePoint deadline, Lock& lock) {
  for (;;) {
    tell(lock);
    if (waiter.turn != Waiter::Turn::waits) return;
    const TimePoint now = clock_now();
    const bool first = waiters_.begin()->second == &waiter;
    if (waiter.stopped || now >= deadline) {
      leave(waiter, now);
      return tell(lock);
    }
    if (first && now >= next_at_) {
      drive(now);
      continue;
    }
    const TimePoint until = first ? std::min(deadline, next_at_) : deadline;
    if (until == never) {
      waiter.changed.wait(lock);
    } else {
      waiter.changed.wait_until(lock,
                                std::chrono::steady_clock::time_point(until.time_since_epoch()));
    }
  }
}

void Throttle::State::leave(Waiter& waiter, TimePoint now) {
  waiters_.erase(waiter.id);
  scheduler_.withdraw(waiter.id, now);
  ++counts_.gave_up;
  drive(now);
  note_progress(now);
}

/// Lets through whom it may.
void Throttle::State::drive(TimePoint now) {
  next_at_ = never;
  while (!waiters_.empty()) {
    const Step step = scheduler_.next(now);
    if (const auto* start = std::get_if<Start>(&step)) {
      scheduler_.on_started();
      ++counts_.started;
      waiters_.extract(start->job.id).mapped()->set(Waiter::Turn::admitted);
      continue;
    }
    if (const auto* wait = std::get_if<Wait>(&step)) next_at_ = wait->until;
    break;
  }
  // Whoever is first now waits for another time than before.
  if (!waiters_.empty()) waiters_.begin()->second->changed.notify_one();
  note_state(now);
}

/// A job that the scheduler fails without a start.
void Throttle::State::on_event(const Event& event, TimePoint now) {
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr || ended->attempted) return;
  Waiter& waiter = *waiters_.extract(ended->job.id).mapped();
  if (ended->outcome.verdict == Verdict::permanent) {
    waiter.why = ended->outcome.reason;
    return waiter.set(Waiter::Turn::misfit);
  }
  waiter.circuit_left = left(scheduler_.circuit().open_until(), now);
  ++counts_.refused;
  waiter.set(Waiter::Turn::refused);
  note_progress(now);
}

void Throttle::State::release(JobId id, const Outcome& outcome) {
  Lock lock(mutex_);
  const TimePoint now = clock_now();
  scheduler_.on_end(id, now, outcome);
  switch (outcome.verdict) {
    case Verdict::success: ++counts_.succeeded; break;
    case Verdict::overload: ++counts_.overloaded; break;
    case Verdict::stopped: ++counts_.cancelled; break;
    case Verdict::failure:
    case Verdict::permanent: ++counts_.failed; break;
  }
  ends_.add(now, 1);
  drive(now);
  note_progress(now);
  if (scheduler_.running() == 0) idle_.notify_all();
  tell(lock);
}

void Throttle::State::pause(TimePoint until) {
  Lock lock(mutex_);
  const TimePoint now = clock_now();
  scheduler_.pause(until, now);
  drive(now);
  tell(lock);
}

void Throttle::State::resume() {
  Lock lock(mutex_);
  const TimePoint now = clock_now();
  scheduler_.set_closed(Gate::pause, false, now);
  drive(now);
  tell(lock);
}

void Throttle::State::close() {
  Lock lock(mutex_);
  if (closed_) return;
  closed_ = true;
  const TimePoint now = clock_now();
  scheduler_.drain(now);
  for (const auto& [id, waiter] : waiters_) waiter->set(Waiter::Turn::closed);
  waiters_.clear();
  note_state(now);
  tell(lock);
}

bool Throttle::State::drain(std::optional<Duration> timeout) {
  close();
  Lock lock(mutex_);
  const auto idle = [&] { return scheduler_.running() == 0; };
  if (!timeout) {
    idle_.wait(lock, idle);
    return true;
  }
  return idle_.wait_until(
      lock,
      std::chrono::steady_clock::time_point(
          later(clock_now(), std::clamp(*timeout, Duration{}, longest)).time_since_epoch()),
      idle);
}

Throttle::Snapshot Throttle::State::snapshot() {
  const std::lock_guard lock(mutex_);
  return look(clock_now());
}

Throttle::Phase Throttle::State::phase(TimePoint now) const {
  if (closed_) return Phase::closed;
  if (scheduler_.pause().until() > now) return Phase::paused;
  return scheduler_.circuit().state() == Circuit::closed ? Phase::running : Phase::circuit_open;
}

Throttle::Snapshot Throttle::State::look(TimePoint now) {
  Snapshot s = counts_;
  s.phase = phase(now);
  s.circuit = scheduler_.circuit().state();
  s.limit = scheduler_.limit();
  s.in_flight = scheduler_.running();
  s.waiting = static_cast<int>(waiters_.size());
  const double window = std::min(seconds(rate_window), seconds(now - begun_));
  if (window > 0) s.rate = static_cast<double>(ends_.total(now)) / window;
  s.interval = scheduler_.interval();
  const Pacer::Settings* pacer = scheduler_.rate();
  if (pacer != nullptr && pacer->unit == Pacer::Unit::starts) {
    const double each = seconds(pacer->rate.period) / static_cast<double>(pacer->rate.amount);
    s.interval = std::max(s.interval, from_seconds(each));
  }
  if (s.waiting > 0) {
    const Admission admission = scheduler_.waiting();
    s.gate = admission.gate;
    if (s.gate != Gate::none) s.opens_in = left(admission.at, now);
  }
  if (scheduler_.pause().until() > now) s.pause_left = left(scheduler_.pause().until(), now);
  if (s.circuit == Circuit::open) s.circuit_left = left(scheduler_.circuit().open_until(), now);
  return s;
}

void Throttle::State::listen(Listener& to, Listener listener) {
  const std::lock_guard lock(mutex_);
  to = std::move(listener);
}

void Throttle::State::note_state(TimePoint now) {
  const Phase is = phase(now);
  const Circuit circuit = scheduler_.circuit().state();
  if (is == told_phase_ && circuit == told_circuit_) return;
  told_phase_ = is;
  told_circuit_ = circuit;
  if (on_state_) notices_.push_back({on_state_, look(now)});
}

void Throttle::State::note_progress(TimePoint now) {
  if (on_progress_) notices_.push_back({on_progress_, look(now)});
}

/// Tells what there is to tell, without the lock, unless another thread is at it.
void Throttle::State::tell(Lock& lock) noexcept {
  if (telling_) return;
  telling_ = true;
  while (!notices_.empty()) {
    const Notice notice = std::move(notices_.front());
    notices_.pop_front();
    lock.unlock();
    notice.listener(notice.snapshot);
    lock.lock();
  }
  telling_ = false;
}

Throttle::Slot& Throttle::Slot::operator=(Slot&& other) noexcept {
  if (this == &other) return *this;
  release();
  state_ = std::move(other.state_);
  id_ = other.id_;
  end_ = other.end_;
  told_ = other.told_;
  retry_after_ = other.retry_after_;
  tokens_ = other.tokens_;
  return *this;
}

void Throttle::Slot::release() noexcept {
  if (!state_) return;
  const std::shared_ptr<State> state = std::move(state_);
  Outcome outcome;
  outcome.verdict = end_ == End::success    ? Verdict::success
                    : end_ == End::failure  ? Verdict::failure
                    : end_ == End::overload ? Verdict::overload
                                            : Verdict::stopped;
  if (retry_after_) outcome.retry_after = std::clamp(*retry_after_, Duration{}, longest);
  outcome.cost = tokens_;
  state->release(id_, outcome);
}

Throttle::Throttle(Controller controller, Cost weight)
    : state_(std::make_shared<State>(std::move(controller), weight)) {}

Throttle::~Throttle() {
  if (!state_) return;
  on_state({});
  on_progress({});
  close();
}

Throttle::Slot Throttle::take(const std::shared_ptr<State>& state, std::optional<Cost> weight) {
  return {state, *state->acquire({weight, {}, {}})};
}

Throttle::Slot Throttle::acquire(std::optional<Cost> weight) {
  return take(state_, weight);
}

std::optional<Throttle::Slot> Throttle::try_acquire(const Wanted& wanted) {
  const std::optional<JobId> id = state_->acquire(wanted);
  if (!id) return {};
  return Slot(state_, *id);
}

void Throttle::pause(Duration duration) {
  state_->pause(later(clock_now(), std::clamp(duration, Duration{}, longest)));
}

void Throttle::pause() {
  state_->pause(never);
}

void Throttle::resume() {
  state_->resume();
}

void Throttle::close() {
  state_->close();
}

bool Throttle::drain(std::optional<Duration> timeout) {
  return state_->drain(timeout);
}

Throttle::Snapshot Throttle::snapshot() const {
  return state_->snapshot();
}

void Throttle::on_state(Listener listener) {
  state_->listen(state_->state_listener(), std::move(listener));
}

void Throttle::on_progress(Listener listener) {
  state_->listen(state_->progress_listener(), std::move(listener));
}

std::string_view name(Throttle::Phase phase) {
  switch (phase) {
    case Throttle::Phase::running: return "running";
    case Throttle::Phase::paused: return "paused";
    case Throttle::Phase::circuit_open: return "circuit_open";
    case Throttle::Phase::closed: return "closed";
  }
  return {};
}

}  // namespace gentlify
