#include "cli/control_settings.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "lib/control/aimd.h"
#include "lib/control/classic.h"
#include "lib/control/fixed.h"
#include "lib/control/hover/hover.h"

namespace gentlify {

namespace {

/// Where the limit starts without a cap to take the root of.
constexpr int initial_without_cap = 8;

std::unique_ptr<Law> make_law(const Settings& s, const Bounds& bounds, std::uint64_t seed) {
  if (s.controller == "fixed") return std::make_unique<Fixed>(bounds, s.jitter_fraction, seed);
  if (s.controller == "aimd") {
    return std::make_unique<Aimd>(
        bounds, Aimd::Settings{s.min_rate, s.max_rate, s.increase_step, s.decrease_factor,
                               s.cooldown_multiplier, s.failure_threshold, s.failure_window});
  }
  if (s.controller == "hover") {
    return std::make_unique<Hover>(bounds,
                                   Hover::Settings{s.retry_max_attempts, s.retry_base_delay}, seed);
  }
  const Classic::Settings classic{s.failure_threshold, s.failure_window, s.cooling_period,
                                  s.safe_ceiling_decay_multiplier};
  return std::make_unique<Classic>(bounds, classic, s.jitter_fraction, seed);
}

std::optional<Pacer> make_pacer(const Settings& s) {
  const auto pacer = pacer_settings(s);
  return pacer ? std::optional<Pacer>(*pacer) : std::nullopt;
}

std::optional<TokenBudget> make_budget(const Settings& s) {
  if (s.token_budget_max == 0) return {};
  return TokenBudget({s.token_budget_max, s.token_budget_window});
}

/// A law that adapts feels its way up: the first burst must not be the first incident.
int first_limit(const Settings& s, const Bounds& bounds) {
  if (s.controller == "fixed" || s.controller == "aimd") return bounds.max_concurrency;
  const int root = bounds.max_concurrency == no_cap
                       ? initial_without_cap
                       : static_cast<int>(std::ceil(std::sqrt(bounds.max_concurrency)));
  return std::max(root, bounds.min_concurrency);
}

}  // namespace

Bounds bounds_of(const Settings& s, int cores) {
  Bounds bounds;
  const int cap = s.max_concurrency.resolve(cores);
  bounds.max_concurrency = cap == 0 ? no_cap : cap;
  bounds.min_concurrency = s.min_concurrency;
  bounds.initial_concurrency =
      s.initial_concurrency == 0 ? first_limit(s, bounds) : s.initial_concurrency;
  bounds.min_interval = s.min_dispatch_interval;
  bounds.max_interval = s.max_dispatch_interval;
  return bounds;
}

std::optional<Pacer::Settings> pacer_settings(const Settings& s) {
  if (s.rate.amount == 0) return {};
  Pacer::Settings pacer;
  pacer.rate = s.rate;
  pacer.mode = s.rate_mode == "exact"   ? Pacer::Mode::exact
               : s.rate_mode == "burst" ? Pacer::Mode::burst
                                        : Pacer::Mode::drip;
  pacer.burst = s.burst;
  pacer.unit = s.rate_unit == "cost" ? Pacer::Unit::cost : Pacer::Unit::starts;
  return pacer;
}

void tell_limits(const Settings& s, int cores, Progress& progress) {
  const Bounds bounds = bounds_of(s, cores);
  const Duration by_rate = s.controller == "aimd" ? from_seconds(1 / s.max_rate) : Duration{};
  progress.set_most(bounds.max_concurrency, std::max(bounds.min_interval, by_rate));
}

Controller make_controller(const Settings& s, int cores, std::uint64_t seed, Permits* permits) {
  Controller::Gates gates;
  gates.law = make_law(s, bounds_of(s, cores), seed);
  gates.circuit = {s.circuit_breaker_consecutive_failures, s.circuit_breaker_open_duration,
                   s.circuit_breaker_half_open_max_calls, s.circuit_breaker_on_open == "fail"};
  gates.permits = permits;
  if (permits == nullptr) {
    gates.pacer = make_pacer(s);
    gates.budget = make_budget(s);
  }
  return Controller(std::move(gates));
}

Retry make_retry(const Settings& s, std::uint64_t seed) {
  RetrySettings retry;
  retry.max_attempts = s.retry_max_attempts;
  retry.overload = s.retry_overload;
  retry.backoff = s.retry_backoff == "fixed"         ? Backoff::fixed
                  : s.retry_backoff == "exponential" ? Backoff::exponential
                                                     : Backoff::exponential_jitter;
  retry.base_delay = s.retry_base_delay;
  retry.max_delay = s.retry_max_delay;
  retry.hold_slot = s.retry_slot == "hold";
  return {retry, seed + 1};  // not the law's numbers again
}

}  // namespace gentlify
