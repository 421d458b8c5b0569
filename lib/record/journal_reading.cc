#include "lib/record/journal_reading.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/record/journal_scan.h"
#include "lib/record/report_feed.h"

namespace gentlify {

namespace {

[[noreturn]] void refuse(ExitCode code, const std::string& path, const std::string& why) {
  throw Error(code, fmt::format("{}: {}", shell_quote(path), why));
}

class ReadFile {
 public:
  explicit ReadFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {
    struct stat file {};
    if (fd_ < 0 || ::fstat(fd_, &file) != 0) {
      const bool denied = errno == EACCES || errno == EPERM;
      refuse(denied ? ExitCode::no_permission : ExitCode::no_input, path, std::strerror(errno));
    }
    if (S_ISREG(file.st_mode)) return;
    ::close(fd_);
    refuse(ExitCode::no_input, path, "this is no regular file, and so no journal");
  }
  ~ReadFile() { ::close(fd_); }
  ReadFile(const ReadFile&) = delete;
  ReadFile& operator=(const ReadFile&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

void check(const JournalScan& scan, const std::string& path) {
  if (scan.error != 0) {
    refuse(ExitCode::no_input, path,
           fmt::format("it cannot be read ({})", std::strerror(scan.error)));
  }
  if (scan.bytes == 0) refuse(ExitCode::bad_data, path, "it is empty: no run has begun in it yet");
  if (scan.damage) {
    refuse(ExitCode::bad_data, path,
           fmt::format("{}, and so nothing is told; --repair, with the command that wrote it, "
                       "mends it",
                       text_of(*scan.damage)));
  }
  if (scan.records == 0) {
    refuse(ExitCode::bad_data, path, "this is no journal of gentlify's; name another file");
  }
}

}  // namespace

RunReport read_report(const std::string& path) {
  const ReadFile file(path);
  ReportFeed feed;
  const JournalScan scan =
      scan_lines(file.fd(), [&](std::string_view line) { return feed.learn(line); });
  check(scan, path);
  RunReport report = feed.report();
  if (const std::uint64_t torn = scan.bytes - scan.good_end; torn > 0) {
    report.notes.push_back(fmt::format(
        "The last {} of the journal {} no whole record and {} left out: the run was cut short, or "
        "is writing it now.",
        counted(torn, "byte"), torn == 1 ? "is" : "are", torn == 1 ? "is" : "are"));
  }
  return report;
}

}  // namespace gentlify
