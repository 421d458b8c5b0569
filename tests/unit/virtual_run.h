// Drives a Scheduler against a modelled service in virtual time: hours in milliseconds, and the
// same every time.
#pragma once

#include <functional>
#include <map>
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
  };
  std::vector<StartSeen> starts;
  std::vector<EndSeen> ends;
  std::vector<std::uint64_t> dropped;
  std::vector<std::pair<int, int>> cuts, steps;  // limit before, after
  std::vector<Duration> intervals;               // after each move

  void on_event(const Event& event, TimePoint now) override {
    if (const auto* s = std::get_if<event::Started>(&event)) {
      starts.push_back({number(s->job.id), s->job.attempts, s->slot, s->in_flight, now});
    } else if (const auto* e = std::get_if<event::Ended>(&event)) {
      ends.push_back({number(e->job.id), e->fate, now});
    } else if (const auto* d = std::get_if<event::Dropped>(&event)) {
      dropped.push_back(number(d->job.id));
    } else if (const auto* a = std::get_if<event::Adjusted>(&event)) {
      if (a->kind == event::Adjusted::Kind::cut) cuts.emplace_back(a->limit_before, a->limit);
      if (a->kind == event::Adjusted::Kind::step) steps.emplace_back(a->limit_before, a->limit);
      intervals.push_back(a->interval);
    }
  }
  std::size_t count(Fate fate) const {
    std::size_t n = 0;
    for (const EndSeen& e : ends) n += e.fate == fate;
    return n;
  }
};

/// What the service makes of an attempt: how long it takes and how it ends.
struct Response {
  Duration takes;
  Verdict verdict = Verdict::success;
};
/// `active`: attempts in flight with this one.
using Service = std::function<Response(const Job& job, TimePoint now, int active)>;

class VirtualRun {
 public:
  VirtualRun(Scheduler& scheduler, Service service, std::uint64_t jobs)
      : scheduler_(scheduler), service_(std::move(service)), jobs_(jobs) {}

  TimePoint now{};
  /// The most that ever ran at once, and whether that was ever over the limit of the moment.
  int peak = 0;
  bool over_limit = false;

  /// Goes on until all is done or `until` is reached; true where all is done.
  bool run(TimePoint until = never) {
    for (;;) {
      const Step step = scheduler_.next(now);
      TimePoint wake = never;
      if (const auto* start = std::get_if<Start>(&step)) {
        begin(start->job);
        continue;
      }
      if (std::holds_alternative<Done>(step)) return true;
      if (const auto* need = std::get_if<NeedInput>(&step)) {
        (void)need;
        feed();
        continue;
      }
      if (const auto* wait = std::get_if<Wait>(&step)) wake = wait->until;
      const TimePoint end = ends_.empty() ? never : ends_.begin()->first;
      const TimePoint next = std::min(wake, end);
      if (next == never) throw std::logic_error("stalled");
      if (next > until) {
        now = until;
        return false;
      }
      now = std::max(now, next);
      if (end <= now) finish();
    }
  }

 private:
  void feed() {
    if (given_ == jobs_) return scheduler_.close_input();
    Job job;
    job.id = JobId{++given_};
    scheduler_.add(std::move(job), now);
  }
  void begin(const Job& job) {
    const int active = scheduler_.running();
    peak = std::max(peak, active);
    over_limit = over_limit || active > scheduler_.limit();
    const Response response = service_(job, now, active);
    ends_.emplace(now + response.takes, std::pair{job.id, response.verdict});
  }
  void finish() {
    const auto [id, verdict] = ends_.begin()->second;
    ends_.erase(ends_.begin());
    Outcome outcome;
    outcome.verdict = verdict;
    scheduler_.on_end(id, now, outcome);
  }

  Scheduler& scheduler_;
  Service service_;
  std::uint64_t jobs_;
  std::uint64_t given_ = 0;
  std::multimap<TimePoint, std::pair<JobId, Verdict>> ends_;
};

}  // namespace gentlify::test
