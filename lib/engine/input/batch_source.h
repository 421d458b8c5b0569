// Several items for each job. A batch ends early where its arguments would fill 128 KiB, so that
// its size depends on nothing but the items.
#pragma once

#include <memory>
#include <optional>

#include "lib/engine/input/source.h"

namespace gentlify {

class BatchSource : public SourceOver {
 public:
  /// `size` items at most, 1 at least.
  BatchSource(std::unique_ptr<Source> inner, std::size_t size)
      : SourceOver(std::move(inner)), size_(size) {}

  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override;
  Rest rest() override;

 private:
  static constexpr std::size_t most_bytes = 128 * 1024;

  bool fits(const Job& item) const;
  void take(const Job& item);
  void give(Job& job);

  std::size_t size_;
  Job batch_;                // the one that is being filled
  std::optional<Job> next_;  // that did not fit into it, or fails alone
  std::uint64_t taken_ = 0;  // items of `inner`
  std::uint64_t given_ = 0;  // batches
};

}  // namespace gentlify
