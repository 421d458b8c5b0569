#include "lib/record/journal_scan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "lib/record/journal_line.h"

namespace gentlify {

namespace {

constexpr std::size_t read_size = 1 << 20;
/// No record is as long as that: what is longer is skipped as it comes.
constexpr std::size_t longest_line = 4 << 20;

class Scanner {
 public:
  Scanner(int fd, const TakeLine& take) : fd_(fd), take_(take) {}

  JournalScan run() {
    while (read()) take_lines();
    return scan_;
  }

 private:
  /// Reads on behind what is left; false at the end.
  bool read() {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() < end_ + read_size + RecordParser::padding) {
      buffer_.resize(end_ + read_size + RecordParser::padding);
    }
    ssize_t n = 0;
    do {
      n = ::pread(fd_, buffer_.data() + end_, read_size, static_cast<off_t>(scan_.bytes));
    } while (n < 0 && errno == EINTR);
    if (n < 0) scan_.error = errno;
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    scan_.bytes += static_cast<std::size_t>(n);
    return true;
  }

  void take_lines() {
    for (;;) {
      const char* const from = buffer_.data() + begin_;
      const auto* newline =
          static_cast<const char*>(std::memchr(from + looked_, '\n', end_ - begin_ - looked_));
      if (newline == nullptr) break;
      const std::string_view line(from, static_cast<std::size_t>(newline - from));
      take(line);
      begin_ += line.size() + 1;
      looked_ = 0;
    }
    looked_ = end_ - begin_;
    if (looked_ < longest_line) return;
    skipped_ += looked_;
    begin_ = end_ = looked_ = 0;
  }

  void take(std::string_view line) {
    ++scan_.lines;
    const std::uint64_t behind = scan_.bytes - (end_ - begin_) + line.size() + 1;
    const std::uint64_t skipped = std::exchange(skipped_, 0);
    if (skipped > 0 || !is_sealed(line)) {
      bad(scan_.lines, behind - line.size() - 1 - skipped);
      // It may be the newline before a good record that is damaged. In a string it would be \"t\".
      const std::size_t next = line.rfind(R"({"t":")");
      if (next == 0 || next == std::string_view::npos) return;
      line.remove_prefix(next);
      if (!is_sealed(line)) return;
    }
    if (!take_(line)) {
      bad(scan_.lines, behind - line.size() - 1);
      if (!scan_.damage) scan_.damage = bad_;
      return;
    }
    if (bad_ && !scan_.damage) scan_.damage = bad_;
    ++scan_.records;
    scan_.good_end = behind;
  }

  void bad(std::uint64_t line, std::uint64_t offset) {
    if (!bad_) bad_ = {line, offset};
  }

  int fd_;
  const TakeLine& take_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what was read and not taken
  std::size_t looked_ = 0;           // of that, bytes without a newline
  std::uint64_t skipped_ = 0;        // bytes of a line that is too long
  std::optional<JournalScan::Damage> bad_;
  JournalScan scan_;
};

}  // namespace

JournalScan scan_journal(int fd, const Learn& learn) {
  RecordParser parser;
  return scan_lines(fd, [&](std::string_view line) {
    const std::optional<Record> record = parser.parse(line);
    return record && learn(*record, {line.data(), line.size() + 1});
  });
}

JournalScan scan_lines(int fd, const TakeLine& take) {
  return Scanner(fd, take).run();
}

std::string text_of(const JournalScan::Damage& damage) {
  return fmt::format("the record on line {} (byte {}) is damaged", damage.line, damage.offset);
}

std::uint64_t count_done(int fd) {
  constexpr std::string_view mark = R"("fate":"done")";
  std::string buffer(read_size, '\0');
  std::uint64_t count = 0;
  std::size_t kept = 0;  // the end of what was read last, which the mark may begin in
  off_t at = 0;
  for (ssize_t n = 0; (n = ::pread(fd, buffer.data() + kept, buffer.size() - kept, at)) > 0;) {
    at += n;
    const char* from = buffer.data();
    const char* const end = from + kept + n;
    while (const void* found =
               ::memmem(from, static_cast<std::size_t>(end - from), mark.data(), mark.size())) {
      ++count;
      from = static_cast<const char*>(found) + mark.size();
    }
    kept = std::min(mark.size() - 1, static_cast<std::size_t>(end - from));
    std::memmove(buffer.data(), end - kept, kept);
  }
  return count;
}

}  // namespace gentlify
