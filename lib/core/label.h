// A name and a value that the user gives to a run, to tell it from others in its records.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace gentlify {

struct Label {
  std::string name;  ///< [a-zA-Z_][a-zA-Z0-9_]*, as Prometheus has it; ASCII therefore
  std::string value;
};

/// What the metrics name themselves: a user's label of that name would be there twice.
inline constexpr std::array<std::string_view, 5> metric_labels = {"gate", "le", "outcome",
                                                                  "quantile", "verdict"};

}  // namespace gentlify
