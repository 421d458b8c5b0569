// The items of another source in an order by chance. All of them are read before the first is
// given; they are kept in one piece of memory, with 24 bytes for each beside its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "lib/control/random.h"
#include "lib/engine/input/source.h"

namespace gentlify {

class ShuffledSource : public SourceOver {
 public:
  /// The same `seed` gives the same order.
  ShuffledSource(std::unique_ptr<Source> inner, std::uint64_t seed)
      : SourceOver(std::move(inner)), random_(seed) {}

  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override;
  Rest rest() override;

 private:
  struct Item {
    std::uint64_t at;
    std::uint64_t line;
    std::uint32_t size;
    std::uint32_t extra;  // from 1; 0: none
  };
  struct Extra {
    Parts parts;
    std::string defect;
  };

  void keep(Job&& job);
  void shuffle();

  Random random_;
  std::string bytes_;
  std::deque<Item> items_;
  std::deque<Extra> extras_;
  bool all_ = false;
  std::size_t given_ = 0;
};

}  // namespace gentlify
