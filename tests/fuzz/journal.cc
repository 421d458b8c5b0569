// Journals: whatever the file holds, what is good of it is found again, and no job is skipped that
// has no record.
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/record/journal_line.h"
#include "lib/record/journal_past.h"
#include "lib/record/journal_scan.h"
#include "lib/record/report_feed.h"
#include "lib/record/report_json.h"
#include "lib/record/report_text.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

constexpr int taken_items = 8;

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("journal", 0)) {
    require(fd_ >= 0 && ::pwrite(fd_, bytes.data(), bytes.size(), 0) >= 0, "a file can be made");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// The jobs that an end record names, by number and by identity.
struct Ended {
  std::set<std::uint64_t> numbers;
  std::set<std::string> jobs;  // in digits
};

class Journal {
 public:
  Journal(std::string_view bytes, Known known, bool again)
      : bytes_(bytes), known_(known), again_(again), past_(JournalPast::make(known, again)) {
    const MemoryFile file(bytes);
    // To make the room takes longer than all else.
    if (bytes.size() % 16 == 0) past_->expect(count_done(file.fd()));
    scan_ = scan_journal(file.fd(), [this](const Record& record, std::string_view line) {
      require(line.ends_with('\n') && is_sealed(line.substr(0, line.size() - 1)),
              "what is learned has a seal", line);
      const bool good = past_->learn(record);
      if (good) note(record);
      return good;
    });
  }

  void check() {
    require(scan_.error == 0 && scan_.bytes == bytes_.size(), "it is read to its end", bytes_);
    require(scan_.good_end <= scan_.bytes, "what is good is in it", bytes_);
    require(scan_.records <= scan_.lines, "a line is a record at most", bytes_);
    require(scan_.good_end == 0 || bytes_[scan_.good_end - 1] == '\n', "it ends a line", bytes_);
    require(!scan_.damage || (scan_.damage->line > 0 && scan_.damage->offset < scan_.bytes),
            "damage is in it", bytes_);
    require(past_->done() <= scan_.records && past_->failed() <= scan_.records,
            "no more is done than was written", bytes_);
    require(past_->unfinished() <= scan_.records, "nor begun", bytes_);
    check_good_part();
    if (past_->first_head()) take();
  }

 private:
  void note(const Record& record) {
    if (const auto* start = std::get_if<record::Start>(&record)) started_[start->seq] = start->job;
    const auto* end = std::get_if<record::End>(&record);
    if (end == nullptr || (end->fate != Fate::done && end->fate != Fate::failed)) return;
    ended_.numbers.insert(end->seq);
    if (end->job) ended_.jobs.insert(hex(*end->job));
    if (const auto start = started_.find(end->seq); start != started_.end()) {
      ended_.jobs.insert(hex(start->second));
    }
  }

  /// The tail that is cut off says nothing.
  void check_good_part() const {
    if (scan_.good_end == scan_.bytes) return;
    const Journal good(bytes_.substr(0, scan_.good_end), known_, again_);
    require(good.scan_.records == scan_.records && good.scan_.good_end == scan_.good_end,
            "the good part has all records", bytes_);
    // Damage at the tail is damage only where a good record says so.
    require(!good.scan_.damage || scan_.damage.has_value(), "no damage is new", bytes_);
    require(good.past_->done() == past_->done() && good.past_->failed() == past_->failed() &&
                good.past_->unfinished() == past_->unfinished() &&
                good.past_->total() == past_->total(),
            "the good part says the same", bytes_);
  }

  void take() {
    past_->settle();
    const std::uint64_t settled = past_->to_skip();
    require(settled <= past_->done() + past_->failed(), "what is skipped is settled", bytes_);
    std::uint64_t skipped = 0;
    for (std::uint64_t i = 1; i <= taken_items; ++i) {
      Job job;
      job.id = JobId{i};
      job.item = i % 2 == 0 ? "a" : "b";
      const Past::Answer answer = past_->take(job);
      if (answer == Past::Answer::skip) {
        ++skipped;
        require(known_ == Known::by_number ? ended_.numbers.contains(i)
                                           : ended_.jobs.contains(hex(job.identity)),
                "what is skipped has ended", bytes_);
      }
      if (answer == Past::Answer::run) {
        require(job.key != Identity{} && job.earlier_attempts >= 0 && job.failures >= 0 &&
                    job.overloads >= 0,
                "a job has a key, and no less than nothing behind it", bytes_);
      }
      if (answer == Past::Answer::changed) break;
    }
    require(skipped <= settled && past_->to_skip() == settled - skipped, "skips are counted",
            bytes_);
    past_->end();
  }

  std::string_view bytes_;
  Known known_;
  bool again_;
  std::unique_ptr<JournalPast> past_;
  JournalScan scan_;
  std::map<std::uint64_t, Identity> started_;
  Ended ended_;
};

/// A report can be made of whatever there is, and counts no more than that.
void check_report(std::string_view bytes) {
  const MemoryFile file(bytes);
  ReportFeed feed;
  const JournalScan scan =
      scan_lines(file.fd(), [&](std::string_view line) { return feed.learn(line); });
  const RunReport report = feed.report();
  require(report.done + report.failed <= scan.records, "no more jobs than records", bytes);
  require(report_data(report).find('<') == std::string::npos, "its data are no markup", bytes);
  for (const char c : report_text(report, 80)) {
    require(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F),
            "its text moves no cursor", bytes);
  }
}

/// The lines, each with a seal that is right, so that what is behind it is reached; where they have
/// seals already, those are taken off. One that begins with ! stays as it is, without its newline.
std::string sealed(std::string_view bytes) {
  constexpr std::string_view sum = ",\"sum\":\"";
  std::string text;
  for (const std::string_view line : fuzz::split(bytes, '\n')) {
    if (line.starts_with('!')) {
      text += line.substr(1);
      continue;
    }
    const std::size_t begin = text.size();
    text += line.substr(0, line.rfind(sum));
    seal(text, begin);
  }
  return text;
}

}  // namespace

/// A choice, and a journal: its lines as they are, or with seals that are put right.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const unsigned choice = fuzz::take_choice(bytes);
  const bool again = choice % 2 == 1;
  const std::string text = choice / 2 % 8 == 0 ? std::string(bytes) : sealed(bytes);
  for (const Known known : {Known::by_number, Known::by_content}) {
    Journal(text, known, again).check();
  }
  if (choice / 16 % 4 == 0) check_report(text);
  return 0;
}
