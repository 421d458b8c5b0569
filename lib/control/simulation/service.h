// A model at work: attempts come, and leave when they are refused, served, failed or timed out. All
// chance is drawn for the job and the number of its attempt, so that the same attempt meets the
// same luck whenever it is made.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "lib/control/random.h"
#include "lib/control/simulation/draws.h"
#include "lib/control/simulation/model.h"
#include "lib/core/job.h"
#include "lib/core/outcome.h"

namespace gentlify::sim {

/// Why an attempt ended as it did, which the client is not told.
enum class Cause { none, refused, outage, noise, broken, slow };

class Service {
 public:
  struct Departure {
    JobId job{};
    Cause cause = Cause::none;
    bool timed_out = false;
    std::optional<Duration> retry_after;
  };

  Service(const Model& model, std::uint64_t seed);

  /// The attempt number `attempt`, from 1, of `job` comes; true where it is admitted.
  bool start(JobId job, int attempt, TimePoint now);

  /// When the next attempt ends, or `never`.
  TimePoint next();
  /// The end at next(), which is `now`. Nothing where only the service had something to do.
  std::optional<Departure> advance(TimePoint now);

  /// When an attempt would be admitted, and served without slowing others down; `never`: not before
  /// one of those that are here has ended.
  TimePoint opens(TimePoint now);

  bool is_broken(JobId job) const;

  /// Starts per second that could be admitted and served for ever at `t`, with up to `most` at
  /// once.
  double capacity(TimePoint t, int most) const;
  const Limits& limits() const { return limits_; }
  const Model& model() const { return model_; }

 private:
  struct Visit {
    JobId job{};
    std::uint64_t serial = 0;  // tells this visit from the others that its ticket has named
    Random luck{0};
    Cause cause = Cause::none;
    bool with_client = false;  // who has neither had an answer nor hung up
    bool here = false;         // the service deals with it; without its client it is a zombie
    bool admitted = false;
    bool broken = false;
    std::optional<Duration> retry_after;
  };
  /// Something that is to happen to a visit.
  struct Due {
    TimePoint at;
    std::uint64_t serial = 0;
    Ticket ticket = 0;
    bool served = false;  // by the queue: a server becomes free
    bool operator>(const Due& other) const {
      return at != other.at ? at > other.at : serial > other.serial;
    }
  };

  Ticket take_ticket(JobId job, int attempt, TimePoint now);
  void plan(Ticket ticket, Duration in, bool served, TimePoint now);
  void refuse(Ticket ticket, Cause cause, TimePoint now);
  void serve_alone(Ticket ticket, double work, TimePoint now);
  void serve_from_queue(std::optional<Ticket> ticket, TimePoint now);
  std::optional<Departure> served(Ticket ticket, TimePoint now);
  Departure time_out(Ticket ticket, TimePoint now);
  Departure part(Visit& visit, bool timed_out);
  void let_go(Ticket ticket);
  Cause fault(Visit& visit) const;

  Model model_;
  std::uint64_t seed_;
  Limits limits_;
  LogNormal mean_, jitter_, refusal_;
  std::vector<Visit> visits_;
  std::vector<Ticket> free_;
  std::vector<Due> due_;      // a heap: the next in front
  std::deque<Due> timeouts_;  // in the order of time, since all take the same
  int room_;                  // most that are served without getting slower
  std::uint64_t serials_ = 0;
  int active_ = 0;  // admitted and with their clients
};

}  // namespace gentlify::sim
