// Whether first tries and retries go through, as far as the last ones tell.
#pragma once

#include <bit>
#include <cstdint>

namespace gentlify::hover {

class Recent {
 public:
  void first_try(bool success) {
    firsts_ = firsts_ << 1 | (success ? 1U : 0U);
    since_first_ = 0;
  }
  void retry(bool success) {
    retries_ = retries_ << 1 | (success ? 1U : 0U);
    ++since_first_;
  }
  void clear() {
    firsts_ = retries_ = ~0U;
    since_first_ = 0;
  }

  /// At least 14 of the last 20. Where there has been none for 20 retries there is none to ask.
  bool first_tries_go_through() const {
    return since_first_ >= 20 || std::popcount(firsts_ & 0xFFFFFU) >= 14;
  }
  /// At least 3 of the last 12: then a job that fails again is as good a sign as any other.
  bool retries_go_through() const { return std::popcount(retries_ & 0xFFFU) >= 3; }

 private:
  // One bit each, the last one lowest, set where it went through. In doubt they do.
  std::uint32_t firsts_ = ~0U, retries_ = ~0U;
  int since_first_ = 0;  // retries
};

}  // namespace gentlify::hover
