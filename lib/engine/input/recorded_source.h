// The items of another source, numbered where they are not, without those whose jobs are done with,
// as is on record of earlier runs.
//
// Nothing is given before all that is on record was compared, so that a list that has changed runs
// nothing. Where too much would have to be kept until then, items are given as soon as their block
// was compared.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "lib/core/past.h"
#include "lib/core/shared_list.h"
#include "lib/engine/input/source.h"

namespace gentlify {

class RecordedSource : public SourceOver {
 public:
  /// `past` must outlive the source; and so must `list`, which is told what is left out, where
  /// there is one.
  RecordedSource(std::unique_ptr<Source> inner, Past& past, SharedList* list = nullptr)
      : SourceOver(std::move(inner)), past_(past), list_(list) {}

  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override;
  Rest rest() override;
  /// From now on what was held back is given, too: it is read to be kept, not to be run.
  void detach() override;
  bool has_changed() const override { return changed_; }

 private:
  bool may_give() const;
  Read advance(Job& job);
  Read finish();
  Read take(Job&& item, Job& given);

  Past& past_;
  SharedList* list_;
  std::deque<Job> held_;
  std::size_t held_bytes_ = 0;
  std::uint64_t count_ = 0;    // items seen
  std::uint64_t skipped_ = 0;  // of them
  bool ended_ = false;
  bool compared_ = false;  // to the end of the input
  bool detached_ = false;
  bool changed_ = false;
};

}  // namespace gentlify
