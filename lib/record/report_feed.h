// Makes a report of records, given one after the other: those of a journal, or of a run that goes
// on.
#pragma once

#include <string_view>
#include <unordered_map>
#include <utility>

#include "lib/record/journal_details.h"
#include "lib/record/report.h"

namespace gentlify {

class ReportFeed {
 public:
  /// `empty` says how fine the report is to be.
  explicit ReportFeed(RunReport empty = RunReport()) : report_(std::move(empty)) {}

  /// A line whose seal is whole, without its newline, and with RecordParser::padding bytes behind
  /// it that may be read. False: it is no record, or cannot stand where it is.
  bool learn(std::string_view line);

  /// As far as it was told.
  RunReport report() const;

 private:
  struct Open {
    Duration from{};
    int attempt = 0, slot = 0;
    bool again = false;
  };

  void learn(const details::Head& head);
  void learn(const details::Block& block);
  void learn(const details::Start& start);
  void learn(const details::End& end);
  void learn(const details::Adjusted& moved);
  void learn(const details::Starved& starved);
  void learn(const details::Held& held);
  void learn(const details::Other& other);
  void learn(const details::Close& close);

  RunReport::Session& session() { return report_.sessions.back(); }
  /// Goes on to a time of the clock, with what held until then.
  void go_to(Duration at);
  void end_session();
  void end_attempt(const details::End& end);
  void settle(const details::End& end, bool again, int attempt);
  void close_span(Gate gate, Duration to);

  DetailsParser parser_;
  RunReport report_;
  bool by_content_ = false;
  Duration now_{};  // of the run
  ReportLevel level_;
  Duration paused_since_{}, open_since_{};
  std::unordered_map<std::uint64_t, Open> open_;
  std::unordered_map<std::uint64_t, int> in_fallback_;  // jobs, and the last attempt of each
};

}  // namespace gentlify
