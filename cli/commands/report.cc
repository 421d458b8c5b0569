#include "cli/commands/report.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/record/journal_reading.h"
#include "lib/record/report_page.h"
#include "lib/record/report_text.h"
#include "lib/record/whole_file.h"

namespace gentlify {

namespace {

constexpr std::size_t width_not_told = 80;
/// Beyond that lines are no easier to read.
constexpr std::uint64_t largest_width = 200;

std::size_t width() {
  struct winsize size {};
  if (::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0) {
    return std::min<std::size_t>(size.ws_col, largest_width);
  }
  const char* const columns = std::getenv("COLUMNS");
  const auto told = columns == nullptr ? std::nullopt : parse_number(columns);
  return told && *told > 0 ? std::min(*told, largest_width) : width_not_told;
}

void check(const Options& options) {
  if (options.command.size() != 1) {
    throw Error(ExitCode::usage, "report takes one journal: gentlify report JOURNAL");
  }
  if (options.reporting.text && options.reporting.page == "-") {
    throw Error(ExitCode::usage, "--text and -o -: standard output cannot take both");
  }
}

}  // namespace

std::string report(const Options& options) {
  check(options);
  const std::string& output = options.reporting.page;
  // The reader should not learn it only after a long journal.
  if (!output.empty() && !report_page(RunReport())) {
    throw Error(ExitCode::unavailable,
                "this gentlify was built without npm, and so has no page: use --text, or build it "
                "where there is npm and a network");
  }
  std::optional<WholeFile> file;
  if (!output.empty() && output != "-") file.emplace("-o", output, WholeFile::How::replace);
  const RunReport run = read_report(options.command.front());
  if (output == "-") return *report_page(run);
  if (file) {
    if (const int error = file->write(*report_page(run)); error != 0) {
      throw Error(ExitCode::output_failed, file->describe(error));
    }
  }
  return options.reporting.text || output.empty() ? report_text(run, width()) : "";
}

}  // namespace gentlify
