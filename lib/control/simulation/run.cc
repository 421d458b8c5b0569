#include "lib/control/simulation/run.h"

#include <algorithm>

#include "lib/control/simulation/measures.h"
#include "lib/control/simulation/service.h"

namespace gentlify::sim {

namespace {

/// Listens to the scheduler for what the run's result needs, and passes on.
class Listener : public EventSink {
 public:
  explicit Listener(EventSink* further) : further_(further) {}

  void on_event(const Event& event, TimePoint now) override {
    if (const auto* adjusted = std::get_if<event::Adjusted>(&event)) interval = adjusted->interval;
    if (further_ != nullptr) further_->on_event(event, now);
  }

  Duration interval{};

 private:
  EventSink* further_;
};

class Run {
 public:
  Run(const Model& model, const Plan& plan, Controller controller, Retry retry,
      const std::function<void(const Sample&)>& trace, EventSink* listener)
      : service_(model, plan.seed),
        plan_(plan),
        trace_(trace),
        listener_(listener),
        scheduler_(std::move(controller), retry, listener_),
        overshoot_(service_),
        recovery_(service_, plan.most) {}

  Result run() {
    while (pump()) advance();
    finish();
    return result_;
  }

 private:
  /// Starts what may start now; false at the end of the run.
  bool pump() {
    for (;;) {
      const Step step = scheduler_.next(now_);
      if (const auto* started = std::get_if<Start>(&step)) {
        start(*started);
      } else if (std::holds_alternative<NeedInput>(step)) {
        feed();
      } else if (const auto* wait = std::get_if<Wait>(&step)) {
        wake_ = wait->until;
        break;
      } else {
        return false;
      }
    }
    if (trace_) trace_({now_, scheduler_.limit(), listener_.interval, scheduler_.running()});
    const TimePoint next = std::min(wake_, service_.next());
    if (next == never || wake_ <= now_) {
      result_.end = Result::End::stalled;
      return false;
    }
    if (next > TimePoint{} + plan_.horizon) {
      now_ = TimePoint{} + plan_.horizon;
      result_.end = Result::End::horizon;
      return false;
    }
    return true;
  }

  /// Goes on to the next moment at which something happens.
  void advance() {
    now_ = std::max(now_, std::min(wake_, service_.next()));
    while (service_.next() <= now_) {
      if (const auto departure = service_.advance(now_)) end(*departure);
    }
  }

  void feed() {
    if (result_.jobs == plan_.jobs) return scheduler_.close_input();
    Job job;
    job.id = JobId{++result_.jobs};
    job.cost = plan_.cost;
    if (!service_.is_broken(job.id)) ++result_.good;
    scheduler_.add(std::move(job), now_);
  }

  void start(const Start& step) {
    scheduler_.on_started();
    const int in_flight = scheduler_.running();
    const bool admitted = service_.start(step.job.id, step.job.attempts, now_);
    ++result_.attempts;
    result_.peak = std::max(result_.peak, in_flight);
    result_.over_limit |= in_flight > scheduler_.limit();
    overshoot_.on_start(now_, in_flight);
    recovery_.on_start(now_, admitted);
  }

  void end(const Service::Departure& departure) {
    outcome_.verdict = Verdict::failure;
    outcome_.timed_out = departure.timed_out;
    outcome_.retry_after = departure.retry_after;
    switch (departure.cause) {
      case Cause::none:
        outcome_.verdict = Verdict::success;
        ++result_.done;
        break;
      case Cause::refused:
        if (service_.model().signal != Signal::failure) outcome_.verdict = Verdict::overload;
        ++result_.refused;
        break;
      case Cause::outage: ++result_.outage_failures; break;
      case Cause::noise: ++result_.noise; break;
      case Cause::broken: ++result_.broken; break;
      case Cause::slow: ++result_.timeouts; break;
    }
    scheduler_.on_end(departure.job, now_, outcome_);
  }

  void finish() {
    while (result_.jobs < plan_.jobs) {
      if (!service_.is_broken(JobId{++result_.jobs})) ++result_.good;
    }
    result_.makespan = now_.time_since_epoch();
    result_.waited = scheduler_.waited();
    result_.overshoot = overshoot_.value();
    if (const auto recovery = recovery_.value()) {
      result_.recovery = recovery->took;
      result_.recovered = recovery->reached;
    }
  }

  Service service_;
  Plan plan_;
  const std::function<void(const Sample&)>& trace_;
  Listener listener_;
  Scheduler scheduler_;
  Overshoot overshoot_;
  Recovery recovery_;
  Outcome outcome_;
  TimePoint now_{};
  TimePoint wake_ = never;
  Result result_;
};

}  // namespace

Result run(const Model& model, const Plan& plan, Controller controller, Retry retry,
           const std::function<void(const Sample&)>& trace, EventSink* listener) {
  return Run(model, plan, std::move(controller), retry, trace, listener).run();
}

}  // namespace gentlify::sim
