// The records of a journal, as they are read back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/core/digest.h"
#include "lib/core/outcome.h"

namespace gentlify {

/// How a job is known again in a later run.
enum class Known {
  by_number,   ///< its place in the input, where its item must be what it was
  by_content,  ///< its item, and how many like it came before
};
std::string_view name(Known known);

namespace record {

/// A run begins, or goes on.
struct Head {
  std::uint64_t run = 0;  ///< the same in all sessions of a run
  int session = 0;        ///< from 1
  Known known = Known::by_number;
  std::uint64_t command = 0, mode = 0, directory = 0;  ///< digests
  std::optional<std::uint64_t> seed;                   ///< of --shuf
};

/// Items were taken from the input: `items` of them, from the one numbered `first`. `hash` is the
/// RollingDigest of their identities. A block has 1024; the last of the input may have fewer, also
/// none.
struct Block {
  std::uint64_t first = 0;
  std::uint32_t items = 0;
  std::uint64_t hash = 0;
  bool last = false;
};

struct Start {
  std::uint64_t seq = 0;
  int attempt = 0;
  Identity job;
  std::optional<Identity> key;  ///< where jobs are known by content
  bool failed_before = false;
};

/// An attempt ended, or the job was settled without one: then `attempt` is 0, and there is said
/// what a start would have said.
struct End {
  std::uint64_t seq = 0;
  int attempt = 0;
  Verdict verdict{};
  Fate fate{};
  int failures = 0, overloads = 0;
  std::optional<Identity> job;
  std::optional<Identity> key;  ///< as in Start
  bool failed_before = false;
};

/// What says nothing of jobs.
struct Other {};

}  // namespace record

using Record = std::variant<record::Head, record::Block, record::Start, record::End, record::Other>;

/// So many items make a block.
inline constexpr std::uint32_t block_size = 1024;

/// Reads the record on a line whose seal is whole. Nothing where it is none of ours.
class RecordParser {
 public:
  RecordParser();
  ~RecordParser();
  RecordParser(const RecordParser&) = delete;
  RecordParser& operator=(const RecordParser&) = delete;

  /// 64 bytes behind the line must be readable.
  std::optional<Record> parse(std::string_view line);

  static constexpr std::size_t padding = 64;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace gentlify
