// Jobs known by what they are: their identity, and how many of the same came before. Of those that
// are the same it does not matter which is which: so many are done, and so many are not.
#pragma once

#include <deque>
#include <unordered_map>

#include "lib/record/identity_counts.h"
#include "lib/record/journal_past.h"

namespace gentlify {

class JournalByContent : public JournalPast {
 public:
  explicit JournalByContent(bool again) : JournalPast(Known::by_content, again) {}

  Answer take(Job& job) override;
  bool end() override { return true; }
  std::uint64_t verified() const override { return taken_; }
  bool is_verified() const override { return true; }

  /// Those that are done may have left the list.
  std::uint64_t to_skip() const override { return 0; }
  std::uint64_t unfinished() const override { return running_.size() + open_count_; }
  std::optional<std::uint64_t> total() const override { return {}; }
  void expect(std::uint64_t done) override;
  void settle() override;

 private:
  struct Hash {
    std::size_t operator()(const Identity& identity) const { return identity.low; }
  };
  struct Begun {
    Identity job;
    Identity key;
    int attempts = 0;  // that have ended and count
    int failures = 0, overloads = 0;
  };
  using Jobs = std::unordered_map<Identity, std::deque<Begun>, Hash>;

  bool learn_block(const record::Block&) override { return true; }
  bool learn_start(const record::Start& start) override;
  bool learn_end(const record::End& end) override;
  void learn_session() override;

  Begun go_on(const Identity& job, const std::optional<Identity>& named, std::uint64_t seq,
              bool failed_before);
  static std::optional<Begun> extract(Jobs& jobs, const Identity& job,
                                      const std::optional<Identity>& key);

  IdentityCounts counts_;
  Jobs failures_;
  Jobs open_;  // started, and not settled
  std::uint64_t open_count_ = 0;
  // In the session that is being learned, by number.
  std::unordered_map<std::uint64_t, Begun> running_;
  std::uint64_t taken_ = 0;
};

}  // namespace gentlify
