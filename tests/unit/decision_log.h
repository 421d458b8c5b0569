// Every decision of a run as a line of text, and the same decisions made again from it.
//
//   NANOSECONDS CALL ARGUMENTS -> ANSWER, limit L
//
//   0 add 1 cost=3 defect= -> limit 4
//   0 next -> start 1 attempt 1 slot 1, limit 4
//   1500000000 end 1 overload retry_after=2000000000 cost=5 timed_out=0 -> retry, limit 2
//
// Arguments are all that a decision can depend on besides the settings and the seed; so a fresh
// Scheduler that is made the same calls must give the same answers. "-" is what was not given.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lib/control/scheduler.h"
#include "lib/core/overloaded.h"

namespace gentlify::test {

using Log = std::vector<std::string>;

/// Stands before a Scheduler and keeps a line of each call.
class LoggedScheduler {
 public:
  explicit LoggedScheduler(Scheduler& scheduler) : scheduler_(scheduler) {}

  const Log& log() const { return log_; }

  Step next(TimePoint now) {
    begin(now, "next");
    const Step step = scheduler_.next(now);
    answer(text(step));
    return step;
  }
  void add(Job job, TimePoint now) {
    begin(now, "add") << ' ' << number(job.id) << " cost=" << job.cost << " defect=" << job.defect;
    scheduler_.add(std::move(job), now);
    answer();
  }
  void close_input() {
    begin(std::nullopt, "close_input");
    scheduler_.close_input();
    answer();
  }
  void on_started() {
    begin(std::nullopt, "started");
    scheduler_.on_started();
    answer();
  }
  Fate on_end(JobId id, TimePoint now, const Outcome& outcome) {
    begin(now, "end") << ' ' << number(id) << ' ' << verdicts[static_cast<int>(outcome.verdict)]
                      << " retry_after=" << text(outcome.retry_after)
                      << " cost=" << (outcome.cost ? std::to_string(*outcome.cost) : "-")
                      << " timed_out=" << outcome.timed_out;
    const Fate fate = scheduler_.on_end(id, now, outcome);
    answer(std::string(name(fate)));
    return fate;
  }
  void on_start_failed(JobId id, TimePoint now, int error) {
    begin(now, "start_failed") << ' ' << number(id) << ' ' << error;
    scheduler_.on_start_failed(id, now, error);
    answer();
  }
  void drain(TimePoint now) {
    begin(now, "drain");
    scheduler_.drain(now);
    answer();
  }
  void set_closed(Gate gate, bool closed, TimePoint now) {
    begin(now, closed ? "close" : "open") << ' ' << name(gate);
    scheduler_.set_closed(gate, closed, now);
    answer();
  }

  /// Makes the call of `line` again.
  void repeat(const std::string& line) {
    std::istringstream words(line.substr(0, line.rfind(" -> ")));
    std::string time;
    std::string call;
    std::string word;
    words >> time >> call;
    const TimePoint now(Duration(time == "-" ? 0 : std::stoll(time)));
    const auto value = [&] {
      words >> word;
      return word.substr(word.find('=') + 1);
    };
    const auto given = [&](auto make) {
      const std::string text = value();
      return text == "-" ? std::nullopt : std::optional(make(std::stoull(text)));
    };
    const auto as_number = [](Cost n) { return n; };
    const auto as_duration = [](Cost n) { return Duration(static_cast<Duration::rep>(n)); };
    if (call == "next") {
      next(now);
    } else if (call == "add") {
      Job job;
      job.id = JobId{*given(as_number)};
      job.cost = *given(as_number);
      std::getline(words >> std::ws, word);
      job.defect = word.substr(word.find('=') + 1);
      add(std::move(job), now);
    } else if (call == "close_input") {
      close_input();
    } else if (call == "started") {
      on_started();
    } else if (call == "end") {
      const JobId id{*given(as_number)};
      Outcome outcome;
      outcome.verdict = static_cast<Verdict>(index(verdicts, value()));
      outcome.retry_after = given(as_duration);
      outcome.cost = given(as_number);
      outcome.timed_out = *given(as_number) == 1;
      on_end(id, now, outcome);
    } else if (call == "start_failed") {
      const JobId id{*given(as_number)};
      on_start_failed(id, now, static_cast<int>(*given(as_number)));
    } else if (call == "drain") {
      drain(now);
    } else if (call == "open" || call == "close") {
      const std::string which = value();
      for (std::size_t i = 0; i < gate_count; ++i) {
        const auto gate = static_cast<Gate>(i);
        if (name(gate) == which) set_closed(gate, call == "close", now);
      }
    } else {
      throw std::logic_error("no such call: " + call);
    }
  }

  // What is asked without an effect is not kept.
  bool is_closed(Gate gate) const { return scheduler_.is_closed(gate); }
  bool draining() const { return scheduler_.draining(); }
  int running() const { return scheduler_.running(); }
  int limit() const { return scheduler_.limit(); }

 private:
  // In the order of the enums.
  static constexpr const char* verdicts[] = {"success", "failure", "overload", "permanent",
                                             "stopped"};

  template <std::size_t n>
  static std::size_t index(const char* const (&names)[n], const std::string& name) {
    std::size_t i = 0;
    while (i < n && names[i] != name) ++i;
    if (i == n) throw std::logic_error("no such word: " + name);
    return i;
  }

  static std::string text(TimePoint t) {
    return t == never ? "never" : std::to_string(t.time_since_epoch().count());
  }
  static std::string text(std::optional<Duration> d) {
    return d ? std::to_string(d->count()) : "-";
  }
  static std::string text(const Step& step) {
    return std::visit(
        Overloaded{
            [](const Start& s) {
              return "start " + std::to_string(number(s.job.id)) + " attempt " +
                     std::to_string(s.job.attempts) + " slot " + std::to_string(s.slot);
            },
            [](const Wait& w) { return "wait " + text(w.until) + " " + std::string(name(w.gate)); },
            [](const NeedInput& n) { return "input " + text(n.until); },
            [](const Done&) { return std::string("done"); },
        },
        step);
  }

  std::ostringstream& begin(std::optional<TimePoint> now, const char* call) {
    line_.str("");
    line_ << (now ? text(*now) : "-") << ' ' << call;
    return line_;
  }
  void answer(const std::string& answer = {}) {
    line_ << " -> " << answer << (answer.empty() ? "" : ", ") << "limit " << scheduler_.limit();
    log_.push_back(line_.str());
  }

  Scheduler& scheduler_;
  std::ostringstream line_;
  Log log_;
};

/// What a fresh `scheduler` answers to the calls of `log`, as far as the first answer that is not
/// the same: the calls after it would make no sense.
inline Log replay(const Log& log, Scheduler& scheduler) {
  LoggedScheduler again(scheduler);
  for (const std::string& line : log) {
    again.repeat(line);
    if (again.log().back() != line) break;
  }
  return again.log();
}

}  // namespace gentlify::test
