// What a journal tells of a run, in so much memory however long the run was: for the page and the
// tables of `gentlify report`.
//
// Time is that of the run: what was between two sessions is left out, and each session begins where
// the one before it ended.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/core/gate.h"
#include "lib/core/label.h"
#include "lib/core/time.h"
#include "lib/record/report_bars.h"
#include "lib/record/report_buckets.h"
#include "lib/record/report_failures.h"
#include "lib/record/report_spread.h"

namespace gentlify {

struct RunReport {
  struct Session {
    int number = 0;   ///< from 1
    Duration wall{};  ///< when it began, since 1970
    Duration begin{}, end{};
    std::string version;
    std::uint64_t done = 0, failed = 0;  ///< jobs settled in it
    std::uint64_t attempts = 0;          ///< that ended in it
    std::optional<int> exit;             ///< none: no end of it is on record
  };
  /// A time in which nothing started because of a gate: the pause or the circuit.
  struct Span {
    Gate gate;
    Duration from, to;
  };

  std::string run;          ///< its number
  std::uint64_t items = 0;  ///< taken from the input
  bool all_items = false;   ///< the input was read to its end
  std::uint64_t done = 0, failed = 0;
  std::array<std::uint64_t, verdict_count> attempts{};
  std::uint64_t unfinished = 0;  ///< attempts that have no end
  std::uint64_t running = 0;     ///< of these, in the last session, which has none either
  std::uint64_t repeated = 0;    ///< settled jobs that took more than one attempt
  std::uint64_t saved = 0;       ///< done by their fallback
  std::uint64_t without_attempt = 0;
  std::uint64_t cuts = 0, starved = 0;
  std::uint64_t cost = 0;
  int most_running = 0;

  std::vector<Session> sessions;
  std::uint64_t more_sessions = 0;                            ///< that are not in the list
  std::vector<Label> labels;                                  ///< of the last session
  std::vector<std::pair<std::string, std::string>> settings;  ///< of the last session
  std::array<Duration, gate_count> waited{};

  ReportBuckets buckets;
  std::vector<Span> spans;
  ReportBars bars;
  ReportSpread ran, ran_badly, waits;
  ReportFailures failures;
  /// What the reader should know of the journal, as sentences.
  std::vector<std::string> notes;

  Duration length() const { return sessions.empty() ? Duration{} : sessions.back().end; }
  std::uint64_t ended_attempts() const;
  std::uint64_t jobs() const { return std::max(items, done + failed); }
  std::uint64_t left() const { return jobs() - done - failed; }
  /// Completed jobs a second; 0 where that says nothing.
  double rate() const;
};

}  // namespace gentlify
