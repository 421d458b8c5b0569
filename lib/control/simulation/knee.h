// A service that gets slower with what it does at once: Gunther's Universal Scalability Law. With N
// attempts in service the whole of it does
//
//   throughput(N) = lambda * N / (1 + s * (N - 1) + k * N * (N - 1)),  lambda = 1 / duration
//
// s being what they wait for each other and k what they pay to agree. It is highest near
// N = sqrt((1 - s) / k). The service is shared evenly: each attempt advances at throughput(N) / N.
//
// Since all advance alike, one clock of work done serves for all: an attempt that comes when that
// clock shows v and takes w seconds alone leaves when it shows v + w.
#pragma once

#include <vector>

#include "lib/control/simulation/queue.h"
#include "lib/core/time.h"

namespace gentlify::sim {

class Knee {
 public:
  /// `contention` s within 0..1, `coherency` k >= 0.
  Knee(double contention, double coherency) : s_(contention), k_(coherency) {}

  /// `work`: the seconds it would take alone.
  void enter(Ticket ticket, double work, TimePoint now);
  /// A client has hung up, and its attempt stops at once.
  void leave(Ticket ticket, TimePoint now);

  /// When the next attempt is done, or `never`.
  TimePoint next() const;
  /// Takes out the attempt that is done at next().
  Ticket finish();

  int inside() const { return static_cast<int>(places_.size()); }
  /// Throughput(n) in multiples of lambda.
  double speedup(int n) const { return n / (1 + s_ * (n - 1) + k_ * n * (n - 1.0)); }
  /// The number inside, up to `most`, at which throughput is highest.
  int best(int most) const;

 private:
  struct Place {
    double leaves;  // on the clock of work done
    Ticket ticket;
  };

  void advance(TimePoint now);

  double s_, k_;
  double work_done_ = 0;
  TimePoint advanced_{};
  std::vector<Place> places_;  // a heap: the next to leave in front
};

}  // namespace gentlify::sim
