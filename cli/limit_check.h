// Limits on starts that must fit each other, and how settings that do not are refused.
#pragma once

#include <string>
#include <string_view>

#include "cli/layers.h"

namespace gentlify {

/// Starts are limited by something else than the number of jobs at once.
bool has_rate(const Settings& settings);

/// Throws Error naming the limits that do not fit each other, and where they were written.
void check_limits(const Config& config, int cores);

/// For whoever checks settings against each other.
class Refusals {
 public:
  Refusals(const Config& config, int cores) : config_(config), s_(config.settings), cores_(cores) {}

 protected:
  static bool is_flag(const Origin& origin) {
    return origin.kind == Origin::Kind::flag || origin.kind == Origin::Kind::built_in;
  }

  /// "min_concurrency = 8 (--min-concurrency)"
  std::string describe(std::string_view name) const;

  [[noreturn]] void refuse(std::string_view one, std::string_view sentence) const;
  [[noreturn]] void refuse(std::string_view one, std::string_view other,
                           std::string_view relation) const;

  const Config& config_;
  const Settings& s_;
  int cores_;
};

}  // namespace gentlify
