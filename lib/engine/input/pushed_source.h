// The items of a list that hosts share, and that has items of its own. They are numbered, in any
// order.
#pragma once

#include <optional>

#include "lib/core/shared_list.h"
#include "lib/engine/input/source.h"

namespace gentlify {

class PushedSource : public Source {
 public:
  /// `list` must outlive the source.
  explicit PushedSource(SharedList& list) : list_(list) {}

  Read next(Job& job) override {
    if (detached_) return Read::end;
    switch (list_.take(job)) {
      case SharedList::Take::job: return Read::item;
      case SharedList::Take::end: return Read::end;
      case SharedList::Take::input:
      case SharedList::Take::wait: break;
    }
    return Read::wait;
  }
  /// Others work on the list, and it may grow.
  std::optional<std::uint64_t> total() override { return {}; }
  Rest rest() override { return {list_.rest(), list_.is_over()}; }
  /// What is left is for the other hosts.
  void detach() override { detached_ = true; }
  bool wait(Duration) override { return false; }
  bool is_bounded() const override { return false; }

 private:
  SharedList& list_;
  bool detached_ = false;
};

}  // namespace gentlify
