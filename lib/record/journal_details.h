// The records of a journal with all that they tell: for a report of the run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/core/gate.h"
#include "lib/core/outcome.h"
#include "lib/core/time.h"
#include "lib/record/journal_record.h"

namespace gentlify {

/// Times are since 1970. Text is good until the next record is read.
namespace details {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

struct Head {
  int session = 0;  ///< from 1
  Known known = Known::by_number;
  Duration at{};
  std::string_view version, run;
  Pairs labels, settings;
};

/// Items were taken from the input.
struct Block {
  std::uint64_t first = 0;
  std::uint32_t items = 0;
  bool last = false;
};

struct Start {
  std::uint64_t seq = 0;
  int attempt = 0;
  int slot = 0;
  Duration at{};
  bool again = false;  ///< an earlier session gave the job up
};

struct End {
  std::uint64_t seq = 0;
  int attempt = 0;  ///< 0: it was settled without one
  Duration at{}, ran{};
  Verdict verdict{};
  Fate fate{};
  std::optional<Exit> exit;
  std::string_view reason, last_line;
  std::uint64_t cost = 0;
  Duration wait{};
  Gate gate{};
  bool by_fallback = false;  ///< that has settled it, after an attempt that is on record
  bool again = false;
};

/// The adaptive law moved.
struct Adjusted {
  Duration at{};
  bool cut = false;
  int limit = 0, limit_before = 0;
  Duration interval{}, interval_before{};
};

/// A start was taken back for want of local resources.
struct Starved {
  Duration at{};
  std::uint64_t seq = 0;
};

/// The run was paused, or its circuit opened; or no longer.
struct Held {
  Duration at{};
  Gate gate{};  ///< pause or circuit
  bool on = false;
};

/// What a report shows no more of than that it was.
struct Other {
  std::optional<Duration> at;
};

struct Close {
  Duration at{};
  int exit = 0;
};

using Record = std::variant<Head, Block, Start, End, Adjusted, Starved, Held, Other, Close>;

}  // namespace details

class DetailsParser {
 public:
  DetailsParser();
  ~DetailsParser();
  DetailsParser(const DetailsParser&) = delete;
  DetailsParser& operator=(const DetailsParser&) = delete;

  /// Nothing where the line holds no record of ours. RecordParser::padding bytes behind it must be
  /// readable.
  std::optional<details::Record> parse(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace gentlify
