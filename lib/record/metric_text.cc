#include "lib/record/metric_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// A label's value with its quotes. It must be UTF-8.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(c.length, 1));
    if (c.length == 0) {
      out += "\uFFFD";
    } else if (c.code == '\n') {
      out += "\\n";
    } else {
      if (c.code == '"' || c.code == '\\') out += '\\';
      out += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return out += '"';
}

std::string number_text(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

MetricText::MetricText(const std::vector<Label>& labels) {
  for (const Label& label : labels) {
    labels_ += fmt::format("{}{}={}", labels_.empty() ? "" : ",", label.name, quoted(label.value));
  }
}

MetricText& MetricText::family(std::string_view name, std::string_view type,
                               std::string_view help) {
  name_ = fmt::format("gentlify_{}", name);
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
  return *this;
}

MetricText& MetricText::sample(double value, std::string_view label, std::string_view label_value,
                               std::string_view suffix) {
  std::string labels = labels_;
  if (!label.empty()) {
    labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", label, quoted(label_value));
  }
  text_ += name_;
  text_ += suffix;
  if (!labels.empty()) text_ += '{' + labels + '}';
  text_ += ' ' + number_text(value) + '\n';
  return *this;
}

}  // namespace gentlify
