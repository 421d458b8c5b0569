// Reads a journal from its beginning to its end, in constant memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/record/journal_record.h"

namespace gentlify {

struct JournalScan {
  std::uint64_t lines = 0;     ///< with their newline
  std::uint64_t records = 0;   ///< good ones
  std::uint64_t good_end = 0;  ///< behind the last good one, in bytes
  std::uint64_t bytes = 0;     ///< in all

  struct Damage {
    std::uint64_t line = 0;  ///< of the first bad record, from 1
    std::uint64_t offset = 0;
  };
  /// A bad record before a good one, or a good one that cannot stand where it is.
  std::optional<Damage> damage;
  int error = 0;  ///< errno, where it could not be read to its end
};

/// `learn` is given each record that is whole, with its line, newline included; false: it cannot
/// stand where it is.
using Learn = std::function<bool(const Record& record, std::string_view line)>;
JournalScan scan_journal(int fd, const Learn& learn);

/// The same for who reads records in another way. `take` is given each line whose seal is whole,
/// without its newline, and with RecordParser::padding bytes behind it; false: it is no record, or
/// cannot stand where it is.
using TakeLine = std::function<bool(std::string_view line)>;
JournalScan scan_lines(int fd, const TakeLine& take);

/// "the record on line 3 (byte 700) is damaged"
std::string text_of(const JournalScan::Damage& damage);

/// About how many jobs are done, found in a fraction of that time.
std::uint64_t count_done(int fd);

}  // namespace gentlify
