#include "cli/limit_check.h"

#include <fmt/format.h>

#include <limits>

#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

class LimitCheck : Refusals {
 public:
  using Refusals::Refusals;

  void run() const {
    const bool no_cap = s_.max_concurrency.resolve(cores_) == 0;
    if (no_cap && !has_rate(s_))
      refuse("max_concurrency", "rate", "needs a limit on starts and cannot go with");
    const int most = no_cap ? std::numeric_limits<int>::max() : s_.max_concurrency.resolve(cores_);
    if (s_.min_concurrency > most) refuse("min_concurrency", "max_concurrency", "must not be over");
    if (s_.initial_concurrency > most) {
      refuse("initial_concurrency", "max_concurrency", "must not be over");
    }
    if (s_.initial_concurrency != 0 && s_.initial_concurrency < s_.min_concurrency) {
      refuse("initial_concurrency", "min_concurrency", "must not be under");
    }
    if (s_.min_dispatch_interval > s_.max_dispatch_interval) {
      refuse("min_dispatch_interval", "max_dispatch_interval", "must not be over");
    }
    if (s_.retry_base_delay > s_.retry_max_delay) {
      refuse("retry.base_delay", "retry.max_delay", "must not be over");
    }
    if (s_.min_rate > s_.max_rate) refuse("min_rate", "max_rate", "must not be over");
    check_rates();
  }

 private:
  /// What says how a limit is meant says nothing without it.
  void check_rates() const {
    if (s_.burst != 1 && s_.rate_mode != "burst") refuse("burst", "rate_mode", "cannot go with");
    if (s_.rate.amount == 0) {
      if (s_.rate_mode != "drip") refuse("rate_mode", "rate", "cannot go with");
      if (s_.rate_unit != "starts") refuse("rate_unit", "rate", "cannot go with");
    }
    const bool window = s_.token_budget_window != Duration{};
    if (s_.token_budget_max != 0 && !window) {
      refuse("token_budget.max", "token_budget.window", "cannot go with");
    }
    if (s_.token_budget_max == 0 && window) {
      refuse("token_budget.window", "token_budget.max", "cannot go with");
    }
  }
};

}  // namespace

std::string Refusals::describe(std::string_view name) const {
  const std::size_t row = *find_setting(name);
  const Setting& setting = settings_table()[row];
  const Origin& origin = config_.origins[row];
  std::string text = without_passwords(text_of(s_, setting));
  if (name == "max_concurrency" && s_.max_concurrency.unit != Concurrency::Unit::absolute) {
    text += fmt::format(", here {}", s_.max_concurrency.resolve(cores_));
  }
  const bool built_in = origin.kind == Origin::Kind::built_in;
  return fmt::format("{} = {} ({})", name, shown(text),
                     built_in ? "the default" : escape(origin.place));
}

void Refusals::refuse(std::string_view one, std::string_view sentence) const {
  throw Error(is_flag(config_.origins[*find_setting(one)]) ? ExitCode::usage : ExitCode::bad_config,
              fmt::format("{} {}", describe(one), sentence));
}

void Refusals::refuse(std::string_view one, std::string_view other,
                      std::string_view relation) const {
  const bool flags = is_flag(config_.origins[*find_setting(one)]) &&
                     is_flag(config_.origins[*find_setting(other)]);
  throw Error(flags ? ExitCode::usage : ExitCode::bad_config,
              fmt::format("{} {} {}", describe(one), relation, describe(other)));
}

bool has_rate(const Settings& settings) {
  return settings.rate.amount > 0 || settings.controller == "aimd";
}

void check_limits(const Config& config, int cores) {
  LimitCheck(config, cores).run();
}

}  // namespace gentlify
