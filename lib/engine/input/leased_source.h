// The items of another source that this host may run, out of a list that several hosts read, each
// from its beginning. Their numbers come in any order.
//
// CountedSource belongs under whatever leaves items out, LeasedSource on top of all.
#pragma once

#include <cstdint>
#include <memory>

#include "lib/core/shared_list.h"
#include "lib/engine/input/source.h"

namespace gentlify {

/// Tells a shared list what the input is made of.
class CountedSource : public SourceOver {
 public:
  /// `list` must outlive the source.
  CountedSource(std::unique_ptr<Source> inner, SharedList& list)
      : SourceOver(std::move(inner)), list_(list) {}

  Read next(Job& job) override;

 private:
  SharedList& list_;
  bool ended_ = false;
};

class LeasedSource : public SourceOver {
 public:
  /// `list` must outlive the source.
  LeasedSource(std::unique_ptr<Source> inner, SharedList& list)
      : SourceOver(std::move(inner)), list_(list) {}

  Read next(Job& job) override;
  /// Others work on the list: how much of it will come to us is not known.
  std::optional<std::uint64_t> total() override { return {}; }
  Rest rest() override { return {list_.rest(), list_.is_over()}; }
  bool count_some() override { return false; }
  /// What is left is for the other hosts.
  void detach() override;
  bool wait(Duration) override { return false; }
  bool has_changed() const override { return inner().has_changed(); }

 private:
  Read show_more(Cost cost);

  SharedList& list_;
  std::uint64_t shown_ = 0;
  bool ended_ = false;
  bool detached_ = false;
};

}  // namespace gentlify
