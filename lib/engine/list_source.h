// Items from the command line: `::: A B C`.
#pragma once

#include <utility>
#include <vector>

#include "lib/engine/source.h"

namespace gentlify {

class ListSource : public Source {
 public:
  explicit ListSource(std::vector<std::string> items) : items_(std::move(items)) {}

  Read next(Job& job) override {
    if (next_ == items_.size()) return Read::end;
    job.item = std::move(items_[next_++]);
    return Read::item;
  }
  std::optional<std::uint64_t> total() override { return items_.size(); }
  Rest rest() override { return {items_.size() - next_, true}; }

 private:
  std::vector<std::string> items_;
  std::size_t next_ = 0;
};

}  // namespace gentlify
