#include "lib/control/token_budget.h"

namespace gentlify {

namespace {

/// The window is told in so many grains: starts are that part of it late at most.
constexpr int grains = 1000;

}  // namespace

TokenBudget::TokenBudget(Rate limit) : limit_(limit), spent_(limit.period, limit.period / grains) {}

void TokenBudget::set_limit(Rate limit) {
  limit_ = limit;
  spent_.set_window(limit.period, limit.period / grains);
}

Admission TokenBudget::next_start(Cost cost) {
  return {spent_.at_most(limit_.amount - std::min(cost, limit_.amount)), Gate::budget};
}

void TokenBudget::on_start(const Attempt& attempt) {
  spent_.add(attempt.started, attempt.cost);
}

void TokenBudget::on_end(const Attempt& attempt, std::optional<Cost> actual, TimePoint now) {
  if (!actual) return;
  if (*actual > attempt.cost) {
    spent_.add(now, *actual - attempt.cost);
  } else {
    spent_.take_off(attempt.started, attempt.cost - *actual);
  }
}

void TokenBudget::give_back(const Attempt& attempt) {
  spent_.take_off(attempt.started, attempt.cost);
}

}  // namespace gentlify
