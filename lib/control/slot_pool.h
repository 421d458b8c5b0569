// The numbers that {%} and GENTLIFY_SLOT show: from 1, always the lowest one that is free.
#pragma once

#include <functional>
#include <queue>
#include <vector>

namespace gentlify {

class SlotPool {
 public:
  int take() {
    if (free_.empty()) return ++made_;
    const int slot = free_.top();
    free_.pop();
    return slot;
  }

  void give_back(int slot) { free_.push(slot); }

 private:
  std::priority_queue<int, std::vector<int>, std::greater<>> free_;
  int made_ = 0;
};

}  // namespace gentlify
