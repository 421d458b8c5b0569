// Items from the command line: `::: A B C`, and every combination of several such lists, the last
// one moving fastest. Lists that are linked with `:::+` move together.
#pragma once

#include <string>
#include <vector>

#include "lib/engine/input/source.h"

namespace gentlify {

struct ItemList {
  std::vector<std::string> values;
  bool linked = false;  ///< with the list before: `:::+`
};

class ListSource : public Source {
 public:
  /// Throws Error(usage) where linked lists are not of one length.
  explicit ListSource(std::vector<ItemList> lists);

  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override { return total_; }
  Rest rest() override { return {total_ - given_, true}; }

 private:
  std::vector<ItemList> lists_;
  std::vector<std::size_t> at_;  // the next item's place in each list
  std::uint64_t total_ = 1;
  std::uint64_t given_ = 0;
};

}  // namespace gentlify
