// What a journal says of the jobs of a list, learned record by record; then asked item by item. See
// lib/core/past.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/core/past.h"
#include "lib/record/journal_record.h"

namespace gentlify {

class JournalPast : public Past {
 public:
  /// `again`: jobs that failed for good run once more. `pushed`: they have numbers when they come,
  /// and are known by these.
  static std::unique_ptr<JournalPast> make(Known known, bool again, bool pushed = false);

  /// The next record. False: it contradicts those before it, or stands where none of its kind can.
  /// Where the first heads are lost, a later one tells which run this is.
  bool learn(const Record& record);

  /// About so many jobs will be found to be done.
  virtual void expect(std::uint64_t done) { (void)done; }
  /// Begins a run, where nothing was learned of one.
  void begin(const record::Head& head);

  /// The heads that were learned.
  const std::optional<record::Head>& first_head() const { return first_; }
  const record::Head& last_head() const { return last_; }
  /// In one of the sessions jobs were known by their content.
  bool any_by_content() const { return any_by_content_; }

  std::uint64_t done() const { return done_; }
  std::uint64_t failed() const { return failed_; }
  /// Of the failed ones, those that do not run again.
  std::uint64_t failed_for_good() const { return again_ ? 0 : failed_; }
  /// How many are done, of how many where that is known: "1 job", "2 of 5 jobs".
  std::string done_text() const;
  /// Started, and not settled.
  virtual std::uint64_t unfinished() const = 0;
  /// The number of items, where the input was once read to its end.
  virtual std::optional<std::uint64_t> total() const = 0;

  std::uint64_t to_skip() const override { return to_skip_; }

  /// In which way the input differs, as a sentence; empty while it does not.
  const std::string& mismatch() const { return mismatch_; }

  /// Is told of blocks of items that are not on record.
  using OnBlock = std::function<void(const record::Block&)>;
  void on_block(OnBlock on_block) { on_block_ = std::move(on_block); }
  /// Finds the identities of jobs that were started: of those numbered `first` to `last`.
  using Started = std::vector<std::pair<std::uint64_t, Identity>>;
  using FindStarted = std::function<Started(std::uint64_t first, std::uint64_t last)>;
  void find_started_by(FindStarted find) { find_started_ = std::move(find); }

  /// All has been learned: items come now.
  virtual void settle();

 protected:
  JournalPast(Known known, bool again) : known_(known), again_(again) {}

  virtual bool learn_block(const record::Block& block) = 0;
  virtual bool learn_start(const record::Start& start) = 0;
  virtual bool learn_end(const record::End& end) = 0;
  virtual void learn_session() {}

  Identity identify(const Job& job) const;
  /// The key of a job with that identity, by a number that no other has of those that share it.
  Identity key_of(const Identity& job, Known by, std::uint64_t number) const;
  void count(Fate fate);

  Known known_;
  bool again_;
  std::uint64_t done_ = 0, failed_ = 0, to_skip_ = 0;
  std::string mismatch_;
  OnBlock on_block_;
  FindStarted find_started_;

 private:
  bool learn_head(const record::Head& head);

  std::optional<record::Head> first_;
  record::Head last_;
  std::uint64_t seed_ = 0;
  bool any_by_content_ = false;
  bool foreign_ = false;    // what comes does not belong to a session that we know
  bool only_heads_ = true;  // so far
};

}  // namespace gentlify
