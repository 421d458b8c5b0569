#include "lib/engine/http_date.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gentlify {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};

/// Takes a date apart from left to right. What is not as it should be makes it fail for good.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void skip(std::string_view literal) {
    ok_ = ok_ && rest_.starts_with(literal);
    if (ok_) rest_.remove_prefix(literal.size());
  }

  /// A number of just `width` digits.
  int number(std::size_t width) {
    ok_ = ok_ && rest_.size() >= width;
    int value = 0;
    for (std::size_t i = 0; ok_ && i < width; ++i) {
      ok_ = rest_[i] >= '0' && rest_[i] <= '9';
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(width);
    return value;
  }

  unsigned month() {
    const auto* const found = std::find(months.begin(), months.end(), rest_.substr(0, 3));
    ok_ = ok_ && found != months.end();
    if (ok_) rest_.remove_prefix(3);
    return static_cast<unsigned>(found - months.begin()) + 1;
  }

  /// "08:49:37"; a leap second may be the 60th.
  std::chrono::seconds time() {
    const int h = number(2);
    skip(":");
    const int m = number(2);
    skip(":");
    const int s = number(2);
    ok_ = ok_ && h < 24 && m < 60 && s <= 60;
    return std::chrono::hours(h) + std::chrono::minutes(m) + std::chrono::seconds(s);
  }

  bool starts_with(std::string_view literal) const { return rest_.starts_with(literal); }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

int year_of(std::chrono::sys_seconds time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return static_cast<int>(date.year());
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::sys_seconds now) {
  const auto* const day_name = std::find_if(days.begin(), days.end(), [&](std::string_view name) {
    return text.substr(0, 3) == name.substr(0, 3);
  });
  if (day_name == days.end()) return {};

  const bool full_name = text.starts_with(*day_name);
  Scanner scan(text.substr(full_name ? day_name->size() : 3));
  int year = 0;
  int day = 0;
  unsigned month = 0;
  std::chrono::seconds time{};
  if (full_name) {
    scan.skip(", ");
    day = scan.number(2);
    scan.skip("-");
    month = scan.month();
    scan.skip("-");
    const int last = year_of(now) + 50;
    year = last - (last - scan.number(2)) % 100;
    scan.skip(" ");
    time = scan.time();
    scan.skip(" GMT");
  } else if (scan.starts_with(",")) {
    scan.skip(", ");
    day = scan.number(2);
    scan.skip(" ");
    month = scan.month();
    scan.skip(" ");
    year = scan.number(4);
    scan.skip(" ");
    time = scan.time();
    scan.skip(" GMT");
  } else {
    scan.skip(" ");
    month = scan.month();
    scan.skip(" ");
    const bool one_digit = scan.starts_with(" ");
    if (one_digit) scan.skip(" ");
    day = scan.number(one_digit ? 1 : 2);
    scan.skip(" ");
    time = scan.time();
    scan.skip(" ");
    year = scan.number(4);
  }
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!scan.at_end() || !date.ok()) return {};
  return std::chrono::sys_days(date) + time;
}

}  // namespace gentlify
