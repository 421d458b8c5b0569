// Counts, milestones and the estimated time of arrival, from events alone.
//
//   completions per second = 50 / the time that the last 50 took, pauses left out
//
// A job is complete when it has succeeded or failed for good. The time that is left: forecast.h.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "lib/control/forecast.h"
#include "lib/core/event.h"

namespace gentlify {

class Progress : public EventSink {
 public:
  using Eta = gentlify::Eta;

  explicit Progress(TimePoint start) : start_(start), rate_since_(start) {}

  void on_event(const Event& event, TimePoint now) override;

  /// How many jobs there are in all, once that is known.
  void set_total(std::uint64_t total) { total_ = total; }
  std::optional<std::uint64_t> total() const { return total_; }

  /// See Forecast.
  void set_most(int limit, Duration interval) { forecast_.set_most(limit, interval); }

  std::uint64_t succeeded() const { return succeeded_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t completed() const { return succeeded_ + failed_; }
  /// Started or waiting for a retry when the run ended, and never completed.
  std::uint64_t stopped() const { return stopped_; }
  /// Jobs that wait for their retry.
  std::uint64_t retrying() const { return retrying_; }
  /// Jobs that wait for the end of their fallback.
  std::uint64_t falling_back() const { return falling_back_; }
  /// Of those that succeeded, the ones that their fallback has saved.
  std::uint64_t saved() const { return saved_; }
  /// Jobs that were started at least once, or settled without a start.
  std::uint64_t seen() const { return seen_; }
  std::uint64_t attempts() const { return attempts_; }
  /// Completed jobs that took more than one attempt.
  std::uint64_t repeated() const { return repeated_; }
  std::uint64_t cuts() const { return cuts_; }
  int in_flight() const { return in_flight_; }
  TimePoint start() const { return start_; }

  /// Completions per second over the last 50 of them; 0 before there are two.
  double rate(TimePoint now) const;
  /// Nothing before there is data, or where the total is not known.
  std::optional<Eta> eta(TimePoint now) const;

 private:
  static constexpr std::size_t window = 50;

  void started(const event::Started& e);
  void ended(const event::Ended& e, TimePoint now);
  void paused(bool on, TimePoint now);

  TimePoint start_;
  TimePoint rate_since_;  // the completion before the window's first, or the start
  TimePoint paused_at_ = never;
  std::deque<TimePoint> completions_;  // the window
  Forecast forecast_;
  std::optional<std::uint64_t> total_;
  std::uint64_t succeeded_ = 0, failed_ = 0, stopped_ = 0, retrying_ = 0, seen_ = 0;
  std::uint64_t attempts_ = 0, repeated_ = 0, cuts_ = 0;
  std::uint64_t falling_back_ = 0, saved_ = 0;
  int in_flight_ = 0;
};

}  // namespace gentlify
