// All gates in one question: when may the next attempt start, and which gate says so?
#pragma once

#include <bitset>
#include <memory>
#include <optional>

#include "lib/control/law.h"
#include "lib/control/local_cap.h"

namespace gentlify {

class Controller {
 public:
  explicit Controller(std::unique_ptr<Law> law) : law_(std::move(law)) {}

  /// The latest gate wins. `at <= now`: start one now. `never`: ask after an attempt has ended or a
  /// gate was opened.
  Admission next_start(TimePoint now, int in_flight);

  void on_start(const Attempt& attempt);
  std::optional<Adjustment> on_end(const Attempt& attempt, Verdict verdict, TimePoint now);
  void on_started() { local_.on_started(); }
  void on_start_failed(TimePoint now, int in_flight) { local_.on_start_failed(now, in_flight); }

  /// Closes or opens a gate from outside: `pause` or `output`. Nothing starts while one is closed.
  void set_closed(Gate gate, bool closed) { closed_.set(static_cast<std::size_t>(gate), closed); }
  bool is_closed(Gate gate) const { return closed_.test(static_cast<std::size_t>(gate)); }

  /// Attempts that may be in flight now, at least 1.
  int limit() const { return std::min(law_->limit(), local_.cap()); }
  int local_cap() const { return local_.cap(); }
  bool hopeless(TimePoint now) const { return local_.hopeless(now); }

 private:
  std::unique_ptr<Law> law_;
  LocalCap local_;
  std::bitset<gate_count> closed_;
};

}  // namespace gentlify
