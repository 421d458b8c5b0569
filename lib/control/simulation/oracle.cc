#include "lib/control/simulation/oracle.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "lib/control/simulation/service.h"

namespace gentlify::sim {

namespace {

class Oracle {
 public:
  Oracle(const Model& model, const Plan& plan) : service_(model, plan.seed), plan_(plan) {}

  Duration makespan() {
    TimePoint now{};
    for (;;) {
      TimePoint wake = never;
      while (has_job() && in_flight_ < plan_.most) {
        wake = service_.opens(now);
        if (wake > now) break;
        start(now);
        wake = never;
      }
      if (in_flight_ == 0 && !has_job()) break;
      const TimePoint next = std::min(wake, service_.next());
      if (next > TimePoint{} + plan_.horizon) return plan_.horizon;
      now = next;
      while (service_.next() <= now) {
        if (const auto departure = service_.advance(now)) end(*departure);
      }
    }
    return now.time_since_epoch();
  }

 private:
  static constexpr int most_attempts_of_a_broken_job = 3;

  bool has_job() const { return !again_.empty() || taken_ < plan_.jobs; }

  void start(TimePoint now) {
    JobId job{taken_ + 1};
    if (again_.empty()) {
      ++taken_;
    } else {
      job = again_.back();
      again_.pop_back();
    }
    ++in_flight_;
    service_.start(job, ++attempts_[job], now);
  }

  void end(const Service::Departure& departure) {
    --in_flight_;
    const bool success = departure.cause == Cause::none;
    // One that only ever times out takes too long by itself.
    const bool hopeless = service_.is_broken(departure.job) || departure.cause == Cause::slow;
    const bool give_up = hopeless && attempts_[departure.job] >= most_attempts_of_a_broken_job;
    if (success || give_up) {
      attempts_.erase(departure.job);
    } else {
      again_.push_back(departure.job);
    }
  }

  Service service_;
  Plan plan_;
  std::uint64_t taken_ = 0;
  int in_flight_ = 0;
  std::vector<JobId> again_;
  std::unordered_map<JobId, int> attempts_;
};

}  // namespace

Duration oracle_makespan(const Model& model, const Plan& plan) {
  return Oracle(model, plan).makespan();
}

double efficiency(const Result& result, Duration oracle) {
  if (result.good == 0 || result.makespan == Duration{}) return 1;
  const double done = static_cast<double>(result.done) / static_cast<double>(result.good);
  return done * std::min(1.0, seconds(oracle) / seconds(result.makespan));
}

}  // namespace gentlify::sim
