// When which slot ran what. Bars that are too short and too many to be seen are drawn as one, so
// that a run of any length takes the same memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/core/time.h"

namespace gentlify {

/// An attempt, or several of one slot that stand together.
struct ReportBar {
  enum class Kind { success, failure, overload, permanent, stopped, unfinished };

  Duration from{}, to{};
  std::uint64_t seq = 0;  ///< of the first
  int attempt = 0;        ///< of the first
  Kind kind{};            ///< of the worst: the one of them that says most
  std::uint64_t count = 1;
  std::uint64_t bad = 0;  ///< those that did not succeed
  Duration busy{};        ///< the time that they ran
};

class ReportBars {
 public:
  explicit ReportBars(std::size_t most = 24'000) : most_(most) {}

  /// Those of a slot, which counts from 1, come in the order of their ends.
  void add(int slot, const ReportBar& bar);

  /// By slot, from the first.
  const std::vector<std::vector<ReportBar>>& slots() const { return slots_; }
  std::size_t size() const { return size_; }
  /// What is in one bar, where there are several attempts in it, took no longer than this. 0: no
  /// bar holds more than one.
  Duration quantum() const { return quantum_; }
  /// Attempts in slots beyond those that are kept.
  std::uint64_t left_out() const { return left_out_; }

 private:
  bool join(ReportBar& into, const ReportBar& bar) const;
  void thin();

  std::size_t most_;
  std::vector<std::vector<ReportBar>> slots_;
  std::size_t size_ = 0;
  std::uint64_t left_out_ = 0;
  Duration quantum_{};
};

}  // namespace gentlify
