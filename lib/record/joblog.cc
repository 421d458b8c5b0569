#include "lib/record/joblog.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr int cannot_run = 126;
constexpr int not_found = 127;
/// Of an item that cannot be run so much is shown: it may be a megabyte of anything.
constexpr std::size_t most_of_a_defect = 200;

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out;
}

struct Status {
  int code = 0;
  int signal = 0;
};

Status status_of(const event::Ended& ended) {
  if (!ended.attempted && !(ended.by_fallback && ended.job.attempts > 0)) {
    return {ended.fate == Fate::done ? 0 : cannot_run, 0};
  }
  const Exit& exit = ended.outcome.exit;
  switch (exit.kind) {
    case Exit::Kind::code: return {exit.value, 0};
    case Exit::Kind::signal: return {0, exit.value};
    case Exit::Kind::unstarted: return {exit.value == ENOENT ? not_found : cannot_run, 0};
  }
  return {};
}

}  // namespace

Joblog::Joblog(const std::string& path, bool goes_on, Halt& halt,
               std::function<std::string(const Job&)> command_of, Clock clock)
    : file_("--joblog", path, goes_on ? RecordFile::How::append : RecordFile::How::empty, halt),
      command_of_(std::move(command_of)),
      clock_(std::move(clock)) {
  if (!file_.is_empty()) return;
  file_.write("Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n");
}

void Joblog::on_event(const Event& event, TimePoint) {
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr || (ended->fate != Fate::done && ended->fate != Fate::failed)) return;
  const Job& job = ended->job;
  const double end = std::chrono::duration<double>(clock_().time_since_epoch()).count();
  Status status = status_of(*ended);
  // A timeout, or --success-exit: who reads the columns shall see that it failed.
  if (ended->fate == Fate::failed && status.code == 0 && status.signal == 0) status.code = 1;
  const std::string command =
      job.defect.empty() ? on_one_line(command_of_(job)) : clip(escape(job.item), most_of_a_defect);
  file_.write(fmt::format("{}\t:\t{:.3f}\t{:10.3f}\t0\t0\t{}\t{}\t{}\n", number(job.id),
                          end - seconds(ended->ran), seconds(ended->ran), status.code,
                          status.signal, command));
}

}  // namespace gentlify
