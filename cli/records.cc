#include "cli/records.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/values.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/fd.h"

namespace gentlify {

namespace {

/// So long the rest of a pipe that goes on is taken, and a little where jobs were killed.
constexpr Duration patience = std::chrono::milliseconds(600);
constexpr Duration little_patience = std::chrono::milliseconds(100);

bool is_same_file(const std::string& path, const std::string& input) {
  struct stat one {};
  struct stat other {};
  const int error = input == "-" ? ::fstat(STDIN_FILENO, &other) : ::stat(input.c_str(), &other);
  return error == 0 && ::stat(path.c_str(), &one) == 0 && S_ISREG(one.st_mode) &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// One name for a file, also where it is not there yet.
std::string plain_name(const std::string& path) {
  std::error_code error;
  auto name = std::filesystem::absolute(path, error);
  if (!error) name = std::filesystem::weakly_canonical(name, error);
  return error ? path : name.string();
}

bool is_input(const RunRequest& request, const std::string& path) {
  if (request.lists) return false;
  const std::vector<std::string>& files = request.settings.input;
  if (files.empty()) return is_same_file(path, "-");
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& input) { return is_same_file(path, input); });
}

/// Before a log that is there is emptied it must be clear that the others can be written, too.
void check_log(const std::string& flag, const std::string& path) {
  struct stat file {};
  if (path.empty() || (::stat(path.c_str(), &file) == 0 && !S_ISREG(file.st_mode))) return;
  const Fd opened(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (opened) return;
  throw Error(ExitCode::cannot_create,
              fmt::format("{} {}: {}", flag, shell_quote(path), std::strerror(errno)));
}

}  // namespace

void check_outputs(const RunRequest& request) {
  const Settings& s = request.settings;
  const std::optional<int> descriptor = event_descriptor(s.events);
  const std::string events = descriptor ? fmt::format("/proc/self/fd/{}", *descriptor) : s.events;
  const std::pair<std::string_view, std::string> outputs[] = {
      {"--joblog", s.joblog},         {"--junit", s.junit},      {"--summary", s.summary},
      {"--summary-md", s.summary_md}, {"--metrics", s.metrics},  {"--journal", s.journal},
      {"--events", events},           {"--not-done", s.not_done}};
  for (const auto& output : outputs) {
    const std::string_view flag = output.first;
    const std::string& path = output.second;
    if (path.empty()) continue;
    if (flag != "--not-done" && is_input(request, path)) {
      throw Error(ExitCode::usage,
                  fmt::format("{} {}: the items are read from that file", flag, shell_quote(path)));
    }
    const auto* other = std::find_if(std::begin(outputs), &output, [&](const auto& earlier) {
      return !earlier.second.empty() &&
             (plain_name(earlier.second) == plain_name(path) || is_same_file(path, earlier.second));
    });
    if (other == &output || path.starts_with("/dev/")) continue;
    throw Error(ExitCode::usage,
                fmt::format("{} {}: {} has that file", flag, shell_quote(path), other->first));
  }
}

Records::Records(const RunRequest& request, const Plan& plan, Halt& halt, Console& console,
                 TimePoint begin, Broadcast& listeners)
    : settings_(request.settings), console_(console) {
  const Settings& s = settings_;
  const auto command_of = [&](const Job& job) { return plan.command.describe(job); };
  check_log("--joblog", s.joblog);
  check_log("--junit", s.junit);
  if (!s.not_done.empty()) {
    const NotDone::Form form{plan.head, item_end(s), s.max_items > 1,
                             is_input(request, s.not_done)};
    not_done_ = std::make_unique<NotDone>(s.not_done, form);
    listeners.add(*not_done_);
  }
  if (!s.junit.empty()) {
    junit_ = std::make_unique<Junit>(s.junit, halt, command_of, Junit::Begin{begin, wall_now()});
    listeners.add(*junit_);
  }
  if (!s.joblog.empty()) {
    joblog_ = std::make_unique<Joblog>(s.joblog, plan.journal && plan.journal->head.session > 1,
                                       halt, command_of, wall_now);
    listeners.add(*joblog_);
  }
}

std::string Records::write_not_done(Source& source, bool killed) {
  if (!not_done_) return {};
  const NotDone::Written rest = not_done_->write(source, killed ? little_patience : patience,
                                                 killed ? patience : Duration::max());
  if (!rest.problem.empty() || settings_.quiet) return rest.problem;
  const std::string file = shell_quote(settings_.not_done);
  if (!rest.complete) {
    console_.say(fmt::format("the input has not ended: what it still gives is not in {}", file));
  }
  if (rest.left_out > 0) {
    console_.say(fmt::format("{} cannot be run and {} not in {}", counted(rest.left_out, "item"),
                             rest.left_out == 1 ? "is" : "are", file));
  }
  return {};
}

}  // namespace gentlify
