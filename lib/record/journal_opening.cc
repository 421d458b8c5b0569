#include "lib/record/journal_opening.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/record/journal_scan.h"

namespace gentlify {

namespace {

/// Jobs whose run was killed are dying.
constexpr Duration patience_with_jobs = std::chrono::seconds(3);
constexpr std::size_t enough = 1 << 20;
/// What is larger than this is no head that a run could not finish.
constexpr std::uint64_t largest_head = 1 << 16;

class Opening {
 public:
  explicit Opening(const JournalRequest& request)
      : request_(request), known_(request.known), file_(request.path) {}

  OpenJournal run() {
    JournalScan scan = read();
    if (scan.records == 0) {
      check_emptiness(scan);
    } else {
      if (!request_.resume) refuse_to_overwrite();
      if (!past_->first_head()) damaged_head();
      check_head();
      file_.wait_for_jobs(patience_with_jobs);
      if (scan.damage) scan = mend(*scan.damage);
    }
    cut_tail(scan);
    const record::Head head = next_head();
    return {std::move(file_), std::move(past_), head, std::move(notes_)};
  }

 private:
  [[noreturn]] void refuse(ExitCode code, const std::string& why) const {
    throw Error(code, fmt::format("--journal {}: {}", shell_quote(request_.path), why));
  }

  /// Where one session has known jobs by their content, their numbers say nothing any more.
  JournalScan read() {
    JournalScan scan = learn_all();
    if (known_ == Known::by_number && past_->any_by_content()) {
      known_ = Known::by_content;
      scan = learn_all();
    }
    if (scan.error != 0) {
      refuse(ExitCode::cannot_create,
             fmt::format("it cannot be read ({})", std::strerror(scan.error)));
    }
    past_->settle();
    return scan;
  }

  JournalScan learn_all() {
    const auto learn = [this](const Record& record, std::string_view line) {
      const bool good = past_->learn(record);
      if (good && on_line_) on_line_(line);
      return good;
    };
    past_ = JournalPast::make(known_, request_.again, request_.pushed);
    if (known_ == Known::by_content && file_.size() > 0) past_->expect(count_done(file_.fd()));
    return scan_journal(file_.fd(), learn);
  }

  /// A run may have died before its first record was whole. Any other file is somebody's.
  void check_emptiness(const JournalScan& scan) const {
    constexpr std::string_view begin = "{\"t\":\"head\"";
    std::array<char, begin.size()> bytes{};
    const ssize_t n = ::pread(file_.fd(), bytes.data(), bytes.size(), 0);
    const std::string_view found(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    const bool is_torn =
        scan.bytes <= largest_head &&
        (begin.starts_with(found) || found.find_first_not_of('\0') == std::string_view::npos);
    if (scan.bytes == 0 || (is_torn && scan.lines == 0)) return;
    if (scan.damage) damaged_head();
    refuse(ExitCode::bad_data, "this is no journal of gentlify's; name another file");
  }

  [[noreturn]] void refuse_to_overwrite() const {
    if (!past_->first_head()) damaged_head();
    refuse(ExitCode::cannot_create,
           fmt::format("it holds a run with {} done: add --resume, or name another file",
                       past_->done_text()));
  }

  [[noreturn]] void damaged_head() const {
    refuse(ExitCode::bad_data,
           "its first records, which say what run this is, are damaged, and so all others say "
           "nothing; begin a new journal");
  }

  /// Keeps a copy, and the good records.
  JournalScan mend(const JournalScan::Damage& damage) {
    if (!request_.repair) {
      refuse(ExitCode::bad_data,
             fmt::format("{}, and nothing was run; --repair keeps a copy and goes on with the "
                         "others, and jobs whose record is lost run again",
                         text_of(damage)));
    }
    const std::string copy = keep_copy();
    JournalFile mended = file_.make_successor();
    std::string lines;
    int error = 0;
    on_line_ = [&](std::string_view line) {
      lines += line;
      if (lines.size() < enough || error != 0) return;
      error = mended.append(lines);
      lines.clear();
    };
    read();
    on_line_ = {};
    if (error == 0) error = mended.append(lines);
    if (error == 0) error = mended.sync();
    const std::string beside = mended.path();
    if (error == 0) error = mended.replace(request_.path);
    if (error != 0) {
      ::unlink(beside.c_str());
      refuse(ExitCode::output_failed,
             fmt::format("it cannot be mended ({})", std::strerror(error)));
    }
    file_ = std::move(mended);
    notes_.push_back(fmt::format("{} was damaged at line {} and is mended; as it was it is in {}",
                                 shell_quote(request_.path), damage.line, shell_quote(copy)));
    return read();
  }

  /// Copies the file as it is beside it, under a name that is free, and waits until that is on the
  /// disk.
  std::string keep_copy() const {
    std::string name = request_.path + ".damaged";
    int copy = -1;
    for (int i = 1;
         (copy = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0; ++i) {
      if (errno != EEXIST) cannot_copy(errno);
      name = fmt::format("{}.damaged.{}", request_.path, i);
    }
    off_t done = 0;
    ssize_t n = 0;
    do {
      n = ::sendfile(copy, file_.fd(), &done, enough);
    } while (n > 0 || (n < 0 && errno == EINTR));
    int error = n < 0 ? errno : 0;
    if (error == 0 && ::fsync(copy) != 0) error = errno;
    ::close(copy);
    if (error == 0) error = file_.sync_directory();
    if (error == 0) return name;
    ::unlink(name.c_str());
    cannot_copy(error);
  }

  [[noreturn]] void cannot_copy(int error) const {
    refuse(ExitCode::output_failed,
           fmt::format("no copy of it can be made ({}), and so it is not mended",
                       std::strerror(error)));
  }

  void check_head() const {
    const record::Head& head = *past_->first_head();
    const auto check = [&](std::uint64_t then, std::uint64_t now, std::string_view what) {
      if (then == now) return;
      refuse(ExitCode::bad_data,
             fmt::format("it holds a run of {}: resume that as it was begun, or name another file",
                         what));
    };
    check(head.mode, request_.mode,
          "items that were read in another way (-0, -d, -n, --csv, --shuf and the like, or another "
          "header)");
    check(head.command, request_.command, "another command, or of this one written in another way");
    check(head.directory, request_.directory, "jobs in another directory");
  }

  /// What is behind the last good record was being written when the run before was cut off.
  void cut_tail(const JournalScan& scan) {
    const std::uint64_t torn = scan.bytes - scan.good_end;
    if (torn == 0) return;
    if (const int error = file_.cut(scan.good_end); error != 0) {
      refuse(ExitCode::output_failed,
             fmt::format("its torn end cannot be cut off ({})", std::strerror(error)));
    }
    notes_.push_back(fmt::format(
        "{}: its last {} {} no whole record, and {} cut off: the run before was cut short",
        shell_quote(request_.path), counted(torn, "byte"), torn == 1 ? "is" : "are",
        torn == 1 ? "was" : "were"));
  }

  record::Head next_head() const {
    record::Head head = first_head(request_);
    if (!past_->first_head()) return head;
    head = past_->last_head();
    ++head.session;
    head.known = known_;
    return head;
  }

  const JournalRequest& request_;
  Known known_;
  JournalFile file_;
  std::unique_ptr<JournalPast> past_;
  std::vector<std::string> notes_;
  std::function<void(std::string_view)> on_line_;
};

}  // namespace

record::Head first_head(const JournalRequest& request) {
  record::Head head;
  head.run = request.new_run;
  head.session = 1;
  head.known = request.known;
  head.command = request.command;
  head.mode = request.mode;
  head.directory = request.directory;
  return head;
}

OpenJournal open_journal(const JournalRequest& request) {
  OpenJournal journal = Opening(request).run();
  if (!journal.past->first_head()) journal.past->begin(journal.head);
  return journal;
}

JournalPast::Started find_started(int fd, std::uint64_t first, std::uint64_t last) {
  JournalPast::Started found;
  scan_journal(fd, [&](const Record& record, std::string_view) {
    const auto* start = std::get_if<record::Start>(&record);
    if (start != nullptr && start->seq >= first && start->seq <= last) {
      found.emplace_back(start->seq, start->job);
    }
    return true;
  });
  return found;
}

}  // namespace gentlify
