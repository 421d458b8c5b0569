// Drives a Scheduler against a modelled service in virtual time: hours in milliseconds, and the
// same every time.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "lib/control/scheduler.h"

namespace gentlify::test {

using namespace std::chrono_literals;

constexpr TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

/// Keeps what tests ask for.
class Recorder : public EventSink {
 public:
  struct StartSeen {
    std::uint64_t job;
    int attempt, slot, in_flight;
    TimePoint at;
  };
  struct EndSeen {
    std::uint64_t job;
    Fate fate;
    TimePoint at;
    int attempts = 0;  // of the job so far
  };
  struct CircuitSeen {
    bool open;
    TimePoint until;
    std::size_t starts;  // before
  };
  std::vector<StartSeen> starts;
  std::vector<EndSeen> ends;
  std::vector<std::uint64_t> dropped;
  std::vector<std::pair<int, int>> cuts, steps;  // limit before, after
  std::vector<Duration> intervals;               // after each move
  std::vector<CircuitSeen> circuit;

  void on_event(const Event& event, TimePoint now) override {
    if (const auto* s = std::get_if<event::Started>(&event)) {
      starts.push_back({number(s->job.id), s->job.attempts, s->slot, s->in_flight, now});
    } else if (const auto* e = std::get_if<event::Ended>(&event)) {
      ends.push_back({number(e->job.id), e->fate, now, e->job.attempts});
    } else if (const auto* d = std::get_if<event::Dropped>(&event)) {
      dropped.push_back(number(d->job.id));
    } else if (const auto* a = std::get_if<event::Adjusted>(&event)) {
      if (a->kind == event::Adjusted::Kind::cut) cuts.emplace_back(a->limit_before, a->limit);
      if (a->kind == event::Adjusted::Kind::step) steps.emplace_back(a->limit_before, a->limit);
      intervals.push_back(a->interval);
    } else if (const auto* c = std::get_if<event::CircuitMoved>(&event)) {
      circuit.push_back({c->open, c->until, starts.size()});
    }
  }
  std::size_t count(Fate fate) const {
    std::size_t n = 0;
    for (const EndSeen& e : ends) n += e.fate == fate;
    return n;
  }
};

/// Tells two.
class Tee : public EventSink {
 public:
  Tee(EventSink& first, EventSink& second) : first_(first), second_(second) {}

  void on_event(const Event& event, TimePoint now) override {
    first_.on_event(event, now);
    second_.on_event(event, now);
  }

 private:
  EventSink& first_;
  EventSink& second_;
};

/// What the service makes of an attempt: how long it takes and how it ends.
struct Response {
  Duration takes{};
  Verdict verdict = Verdict::success;
  std::optional<Duration> retry_after = {};
  std::optional<Cost> cost = {};  ///< what it really cost, where it tells
  bool timed_out = false;
  bool starts = true;  ///< false: this machine has no room for it
};
/// `active`: attempts in flight with this one.
using Service = std::function<Response(const Job& job, TimePoint now, int active)>;

/// `Calls`: a Scheduler, or what stands before one.
template <class Calls>
class BasicVirtualRun {
 public:
  BasicVirtualRun(Calls& scheduler, Service service, std::uint64_t jobs)
      : scheduler_(scheduler), service_(std::move(service)), jobs_(jobs) {}

  TimePoint now{};
  /// The most that ever ran at once, and whether that was ever over the limit of the moment.
  int peak = 0;
  bool over_limit = false;
  /// Something started before the time until which there was nothing to wait for but time.
  bool early = false;

  /// Makes job n of the input, from 1, but for its id; without it each costs 1.
  std::function<Job(std::uint64_t n)> make;
  /// When the input has job n; without it, at once.
  std::function<TimePoint(std::uint64_t n)> arrival;
  /// Sees each answer to "what next?".
  std::function<void(const Step& step)> watch;

  /// At `when` do this. With nothing to do the scheduler is only asked once more.
  void plan(TimePoint when, std::function<void()> action = {}) {
    planned_.emplace(when, std::move(action));
  }
  /// Stops all that runs.
  void stop() {
    Outcome stopped;
    stopped.verdict = Verdict::stopped;
    for (const auto& [end, attempt] : std::exchange(ends_, {})) {
      ends_.emplace(now, std::pair{attempt.first, stopped});
    }
  }

  /// Goes on until all is done or `until` is reached; true where all is done.
  bool run(TimePoint until = never) {
    for (;;) {
      const Step step = scheduler_.next(now);
      if (watch) watch(step);
      TimePoint wake = never;
      if (const auto* start = std::get_if<Start>(&step)) {
        early = early || now < quiet_until_;
        begin(start->job);
        continue;
      }
      if (std::holds_alternative<Done>(step)) return true;
      if (const auto* need = std::get_if<NeedInput>(&step)) {
        if (feed()) continue;
        // What is there already is all that is asked for; each time another job is meant.
        if (need->until <= now && asked_++ <= jobs_) continue;
        wake = std::min(need->until, arrival(given_ + 1));
      } else {
        wake = quiet_until_ = std::get<Wait>(step).until;
      }
      const TimePoint end = ends_.empty() ? never : ends_.begin()->first;
      const TimePoint due = std::min(wake, end);
      const bool held = scheduler_.is_closed(Gate::pause) || scheduler_.is_closed(Gate::output);
      if (wake <= now) throw std::logic_error("told to wait until now");
      if (due == never && !held) throw std::logic_error("stalled");
      const TimePoint next = std::min(due, planned_.empty() ? never : planned_.begin()->first);
      if (next > until) {
        now = until;
        return false;
      }
      if (next == never) throw std::logic_error("paused for good");
      now = std::max(now, next);
      asked_ = 0;
      if (!planned_.empty() && planned_.begin()->first <= now) {
        act();
      } else if (end <= now) {
        finish();
      }
    }
  }

 private:
  /// Gives the next job or the end of the input; false where neither has come yet.
  bool feed() {
    if (given_ < jobs_ && arrival && arrival(given_ + 1) > now) return false;
    quiet_until_ = {};
    if (given_ == jobs_) {
      scheduler_.close_input();
      return true;
    }
    ++given_;
    Job job = make ? make(given_) : Job{};
    job.id = JobId{given_};
    scheduler_.add(std::move(job), now);
    return true;
  }
  void begin(const Job& job) {
    quiet_until_ = {};
    asked_ = 0;
    const int active = scheduler_.running();
    peak = std::max(peak, active);
    over_limit = over_limit || active > scheduler_.limit();
    const Response response = service_(job, now, active);
    if (!response.starts) return scheduler_.on_start_failed(job.id, now, 11);
    scheduler_.on_started();
    Outcome outcome;
    outcome.verdict = response.verdict;
    outcome.retry_after = response.retry_after;
    outcome.cost = response.cost;
    outcome.timed_out = response.timed_out;
    ends_.emplace(now + response.takes, std::pair{job.id, std::move(outcome)});
  }
  void act() {
    const std::function<void()> action = planned_.extract(planned_.begin()).mapped();
    if (!action) return;
    quiet_until_ = {};
    action();
  }
  void finish() {
    quiet_until_ = {};
    const auto [id, outcome] = ends_.extract(ends_.begin()).mapped();
    scheduler_.on_end(id, now, outcome);
  }

  Calls& scheduler_;
  Service service_;
  std::uint64_t jobs_;
  std::uint64_t given_ = 0;
  std::multimap<TimePoint, std::pair<JobId, Outcome>> ends_;
  std::multimap<TimePoint, std::function<void()>> planned_;
  TimePoint quiet_until_{};  // until then nothing may start, if nothing happens
  std::uint64_t asked_ = 0;  // for input that is there already, since something happened
};

using VirtualRun = BasicVirtualRun<Scheduler>;

}  // namespace gentlify::test
