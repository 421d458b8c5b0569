// Each knob = ceiling * g(a). `a` counts successes since the ceiling last moved, those only that
// came while this knob was the one in the way; A is the patience, in successes too:
//
//   g(a) = 1 + (1 - keep) * (a/A - 1)^3            for a <= 2A: 0.97 at 0, 1 at A, 1.03 at 2A
//   g(a) = (2 - keep) * 2^(2 (a/A - 2))            beyond: doubles every A/2
//
// Slow around what is known, fast once clearly past it: the shape of CUBIC (RFC 9438), counted in
// successes instead of seconds. Below the ceiling time counts too, at least A in
// 10 sqrt(A / 25) s.
//
// A test of the ceiling that fails doubles A, up to 120; a ceiling that really moved, up by more
// than 25 % or down by more than 20 %, makes it 25 again. The highest ceiling of the last minute or
// so is remembered: the deeper below it, the sooner the next test, with A no more than 9 below
// half.
#pragma once

#include <limits>

#include "lib/core/time.h"

namespace gentlify::hover {

class Knob {
 public:
  static constexpr double unlimited = std::numeric_limits<double>::infinity();

  /// Where the knob stands; `unlimited` before any ceiling is known.
  double value() const { return known() ? ceiling_ * g() : unlimited; }
  double ceiling() const { return ceiling_; }
  bool known() const { return ceiling_ < unlimited; }
  /// It stands above its ceiling, to see whether there is more room.
  bool testing() const { return known() && growth_ > patience_; }

  /// A success, while this knob was in the way. Past the ceiling only `calm` ones count, and no
  /// more than double it in a round of `in_flight` attempts.
  void advance(TimePoint now, bool calm, std::size_t in_flight);

  /// Why a ceiling moves.
  enum class Why {
    refused,      ///< more was not accepted
    test_failed,  ///< more was not accepted while testing
    no_use,       ///< more was accepted to no good: where it was is no place to come back to
  };
  /// Moves the ceiling, > 0.
  void set_ceiling(double ceiling, Why why, TimePoint now);

  /// Starts below the ceiling again, without having learnt anything.
  void stop_testing() {
    if (testing()) growth_ = patience_;
  }

 private:
  double g() const;

  static constexpr double keep = 0.97;
  static constexpr double patience_min = 25, patience_max = 120;
  static constexpr double patience_deep = 9;  // where there was more than twice the room

  double ceiling_ = unlimited;
  double growth_ = 0;
  double patience_ = patience_min;
  double peak_ = 0;  // the highest ceiling, fading
  TimePoint peaked_{};
  TimePoint advanced_{};
};

}  // namespace gentlify::hover
