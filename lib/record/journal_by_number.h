// Jobs known by their place in the input. A bit or two for each job that is settled; an entry for
// each that was started and is not.
//
// Or, where they are `pushed`, by the number that they were given: then they come in any order and
// with gaps, no blocks of them are on record, and each that was started is compared by itself,
// which takes an entry for each.
#pragma once

#include <bitset>
#include <map>
#include <unordered_map>

#include "lib/record/journal_past.h"

namespace gentlify {

class JournalByNumber : public JournalPast {
 public:
  explicit JournalByNumber(bool again, bool pushed = false)
      : JournalPast(Known::by_number, again), pushed_(pushed) {}

  Answer take(Job& job) override;
  bool end() override;
  std::uint64_t verified() const override { return is_verified() ? taken_ : verified_; }
  bool is_verified() const override { return pushed_ || taken_ >= known_items_; }

  std::uint64_t unfinished() const override { return open_.size(); }
  std::optional<std::uint64_t> total() const override { return total_; }
  void settle() override;

 private:
  struct Block {
    std::bitset<block_size> done, failed;
    std::uint32_t items = 0;  // those that `hash` is of
    std::uint64_t hash = 0;
    std::map<std::uint32_t, Identity> started;  // beyond those
  };
  /// A job that was started and is not settled.
  struct Open {
    int attempts = 0;  // that have ended and count
    int failures = 0, overloads = 0;
  };
  /// An item of the block that is being taken.
  struct Seen {
    Identity identity;
    std::uint64_t line = 0;
  };

  bool learn_block(const record::Block& block) override;
  bool learn_start(const record::Start& start) override;
  bool learn_end(const record::End& end) override;

  static std::uint64_t index_of(std::uint64_t seq) { return (seq - 1) / block_size; }
  static std::uint32_t place_of(std::uint64_t seq) {
    return static_cast<std::uint32_t>((seq - 1) % block_size);
  }
  bool meet(Block& block, std::uint64_t seq, const Identity& job);
  void forget_total(std::uint64_t seq);
  void retract_failure(Block& block, std::uint32_t place);
  static std::uint32_t known_size(const Block& block);

  void compare(const Block& block);
  void tell_change(const Block& block);
  std::string lines_of(std::size_t from, std::size_t to) const;
  void tell_block(bool last);
  Answer answer(Job& job, std::uint64_t seq, Block* block);
  Answer take_pushed(Job& job);
  Block* find(std::uint64_t seq);

  bool pushed_;
  std::map<std::uint64_t, Block> blocks_;
  std::unordered_map<std::uint64_t, Open> open_;
  std::optional<std::uint64_t> total_;
  // Of the pass over the items.
  std::uint64_t known_items_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t verified_ = 0;
  std::vector<Seen> seen_;
  RollingDigest hash_;
};

}  // namespace gentlify
