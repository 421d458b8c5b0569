// Attempts that failed, those alike together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/core/outcome.h"
#include "lib/core/time.h"

namespace gentlify {

class ReportFailures {
 public:
  struct Group {
    std::string ended;  ///< "exit 3", "signal 9", "errno 2", "not run"; empty: the reason tells
    Verdict verdict{};
    std::string reason;     ///< as the run told it
    std::string last_line;  ///< of stderr; may be empty
    std::uint64_t attempts = 1;
    std::uint64_t jobs = 0;            ///< for which it was the end
    std::vector<std::uint64_t> first;  ///< numbers of the first jobs that it hit
    Duration from{}, to{};             ///< when it was seen first and last
  };

  explicit ReportFailures(std::size_t most = 2000) : most_(most) {}

  /// Of `group` what tells it from others; the rest is counted.
  void add(Group group, std::uint64_t seq, bool for_good, Duration at);

  /// Those that ended most jobs first, then those that hit most attempts.
  std::vector<const Group*> sorted() const;
  /// There were so many different lines that numbers in them were taken for the same: they show
  /// as #.
  bool masked() const { return masked_; }
  /// Even so there were too many, and lines that are rare stand together.
  bool lumped() const { return lumped_; }

 private:
  void put(Group group);
  void mask_all();
  static void merge(Group& into, const Group& from);

  std::size_t most_;
  std::unordered_map<std::string, Group> groups_;
  bool masked_ = false, lumped_ = false;
};

/// `text` with # for each number, and for each hexadecimal one of eight digits or more.
std::string without_numbers(std::string_view text);

}  // namespace gentlify
