// Prometheus' text format, family by family.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/core/label.h"

namespace gentlify {

class MetricText {
 public:
  /// `labels` go onto every sample.
  explicit MetricText(const std::vector<Label>& labels);

  /// Begins the family gentlify_`name` of `type` (counter, gauge, histogram).
  MetricText& family(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of it, with another label where `label` is not empty, and `suffix` behind its name.
  MetricText& sample(double value, std::string_view label = {}, std::string_view label_value = {},
                     std::string_view suffix = {});

  const std::string& text() const { return text_; }

 private:
  std::string labels_;  // written, without braces
  std::string name_;
  std::string text_;
};

}  // namespace gentlify
