// A list of jobs that are pushed into the server, and handed out by it. Sans I/O: says what to call
// stream.lua with, and takes the replies.
//
// What the server has forgotten, since it was restarted without its last writes, is told again by
// the hosts: what they hold, and what they have settled of late. A list that it has lost is lost.
//
// Memory: the items that are ours, and the numbers of those that were settled in the last minute.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <utility>

#include "lib/fleet/job_ends.h"
#include "lib/fleet/job_list.h"

namespace gentlify::fleet {

class JobStream : public JobList {
 public:
  explicit JobStream(Settings settings) : settings_(std::move(settings)) {}

  Take take(Job& job) override;
  std::uint64_t rest() const override { return items_.size(); }
  bool is_over() const override { return over_; }
  void skip(JobId id) override;
  void on_event(const Event& event, TimePoint now) override;

  const Script& script() const override { return stream_script; }
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

 private:
  enum class Call { none, take, restore, leave };

  void check_stock();
  std::uint64_t wanted() const;
  void forget(TimePoint now);
  void learn(const Reply& reply, TimePoint now);
  void drop_others(const std::string& held);
  bool take_items(const std::vector<Reply>& parts);
  void recall();

  Settings settings_;
  Problem problem_;
  std::string run_id_, epoch_, list_;
  std::map<std::uint64_t, std::string> items_;  // ours, and not taken
  std::set<std::uint64_t> taken_;               // and have not ended
  JobEnds ends_, sent_;
  /// Settled by us and told, and when; the server may forget that it was.
  std::deque<std::pair<TimePoint, std::uint64_t>> told_at_;
  JobEnds told_;
  std::uint64_t done_ = 0;
  bool over_ = false;
  Call call_ = Call::none;
  bool restore_ = false;
  bool unsure_ = false;  // of what is ours
  bool stale_ = false;   // the call under way was made before
  std::vector<JobId> gone_;
  bool hungry_ = false;
  bool was_asked_ = false;   // the call under way wanted jobs
  bool is_missing_ = false;  // an item that is ours has not come
  bool leaving_ = false, left_ = false;
  TimePoint called_at_{};       // last
  TimePoint ended_at_ = never;  // the first of ends_
  TimePoint retry_at_{};        // nothing was given
  TimePoint not_before_{};      // a call was lost
};

}  // namespace gentlify::fleet
