// A list that every host reads for itself: each leases ranges of its items. Sans I/O: says what to
// call range.lua with, and takes the replies.
//
// A host keeps what it reads past as long as that is outstanding elsewhere, and so can take over
// from a host that dies without reading again. It reads on only to reach a range of its own.
// Memory: the items of all ranges that are outstanding, wherever that is.
//
// The lists of all hosts must be the same. Each host sends a digest of all items before a point, at
// 1, 2, 4 ... 2048 items, at each multiple of 4096, and at the end. The first host's stay for
// others to be compared with: those under 4096 and the one of the end for good, of the others the
// last 64. No host ends well before it has read its input to the end and that was found to be the
// others'. So of two lists that differ one host's at least is refused; before that it may run items
// of its own list: as far as it has leased before its first call after it has read to a point,
// behind the difference, that another host has told of.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/core/digest.h"
#include "lib/fleet/job_ends.h"
#include "lib/fleet/job_list.h"

namespace gentlify::fleet {

class JobRange : public JobList {
 public:
  explicit JobRange(Settings settings);

  Take take(Job& job) override;
  std::uint64_t rest() const override;
  bool is_over() const override { return over_; }
  void count(const Job& item) override;
  void count_end() override;
  void show(Job&& job) override;
  void show_end() override;

  void on_event(const Event& event, TimePoint now) override;

  const Script& script() const override { return range_script; }
  std::span<const std::string_view> keys() const override;
  void on_open(const std::string& run_id) override { run_id_ = run_id; }
  std::optional<std::vector<std::string>> next_call(TimePoint now) override;
  void on_reply(const Reply& reply, TimePoint now) override;
  void on_lost(TimePoint now) override;
  TimePoint next() const override;
  void on_lapse() override;
  bool is_unsure() const override { return unsure_; }
  const std::vector<JobId>& gone() const override { return gone_; }
  void leave() override { leaving_ = true; }
  bool has_left() const override { return left_; }
  const Problem& problem() const override { return problem_; }
  std::uint64_t done() const override { return done_; }

  /// Items in memory.
  std::size_t kept() const { return items_.size(); }

 private:
  enum class Call { none, take, restore, leave };
  struct Range {
    std::uint64_t count = 0;
    std::uint64_t at = 0;  // what comes before is taken or settled
    std::string bits;      // as the server has them, from the byte that has the first one
  };
  /// Runs of numbers, from their first to their last.
  using Runs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  enum class Found { given, input, nothing };
  Found look(std::uint64_t first, Range& range, Job& job);
  bool is_held(std::uint64_t n) const;
  bool is_ours(std::uint64_t n) const;
  static bool is_set(std::uint64_t first, const Range& range, std::uint64_t n);
  bool is_settled(std::uint64_t first, const Range& range, std::uint64_t n) const;
  bool is_outstanding(std::uint64_t n) const;
  bool is_wanted(std::uint64_t n) const;
  void check_stock();
  void prune();
  void recall();
  void find_gone();
  void leave_out(std::uint64_t last);
  std::string done_text() const;
  TimePoint due() const;
  bool may_lease() const;
  std::vector<std::string> arguments(std::string_view op);
  std::string checkpoints_text() const;
  std::string held_text() const;
  std::string elsewhere_text() const;
  void refuse(const Reply& reply);
  void learn(const Reply& reply, TimePoint now);
  bool learn_ranges(const std::vector<Reply>& parts);

  Settings settings_;
  Problem problem_;
  std::string run_id_, epoch_;
  // Of the input.
  RollingDigest digest_;
  std::uint64_t counted_ = 0;
  bool counted_all_ = false;
  std::map<std::uint64_t, std::uint64_t> checkpoints_;  // not told yet: items, digest
  std::uint64_t told_ = 0;                              // those of the call under way: up to this
  std::uint64_t shown_ = 0;
  bool shown_all_ = false;
  std::map<std::uint64_t, Job> items_;  // that were shown, and may come to be run here
  // Of the list, as the last reply has it.
  std::map<std::uint64_t, Range> ranges_;  // ours, by their first
  Runs elsewhere_;                         // outstanding
  std::uint64_t next_item_ = 1;            // nothing from here on is leased
  std::optional<std::uint64_t> end_;
  bool end_told_ = false;
  std::uint64_t done_ = 0;
  bool over_ = false;

  std::unordered_set<std::uint64_t> taken_;  // and have not ended
  JobEnds ends_, sent_;
  Runs left_out_;              // of the input, and not told yet
  std::size_t sent_runs_ = 0;  // of them in the call under way
  Call call_ = Call::none;
  bool restore_ = false;
  bool unsure_ = false;  // of what is ours
  bool stale_ = false;   // the call under way was made before
  std::vector<JobId> gone_;
  bool hungry_ = false;
  bool was_asked_ = false;  // the call under way wanted a range
  bool lost_ = false;       // what a call granted may not be known
  bool leaving_ = false, left_ = false;
  TimePoint called_at_{};       // last
  TimePoint ended_at_ = never;  // the first of ends_
  TimePoint retry_at_{};        // nothing was granted
  TimePoint not_before_{};      // a call was lost
};

}  // namespace gentlify::fleet
